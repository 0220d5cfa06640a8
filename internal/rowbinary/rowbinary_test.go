package rowbinary_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"nianbao/internal/engine"
	"nianbao/internal/rowbinary"
	"nianbao/internal/warehouse"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// TestValues reads what a real engine writes.
func TestValues(t *testing.T) {
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	s, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	decimals := []string{"0", "1", "-1", "123456789.0123456789", "-0.0000000001", "9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999",
		"922337203.6854775807", "922337203.6854775808", "-922337203.6854775808", "-922337203.6854775809", "18446744073.709551616"}
	d, err := rowbinary.Query(t.Context(), s.Conn(), `SELECT toFixedString('abc', 3), '年' || toString(number), toLowCardinality('x'), ['', 'b'], toUInt8(7), true,
		toUInt16(65535), toUInt32(4294967295), toUInt64(18446744073709551615), CAST(NULL, 'Nullable(Decimal(38, 10))') FROM numbers(2)`)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if got := []any{d.Take(3), d.Text(), d.Common()}; got[0] != "abc" || got[1] != []string{"年0", "年1"}[i] || got[2] != "x" {
			t.Errorf("row %d: texts %v", i, got)
		}
		if got := d.Texts(); !slices.Equal(got, []string{"", "b"}) {
			t.Errorf("row %d: array %q", i, got)
		}
		if a, b, c, e, f := d.Byte(), d.Byte(), d.Uint16(), d.Uint32(), d.Uint64(); a != 7 || b != 1 || c != 65535 || e != 4294967295 || f != 18446744073709551615 {
			t.Errorf("row %d: numbers %d %d %d %d %d", i, a, b, c, e, f)
		}
		if v, ok := d.Decimal(10); ok {
			t.Errorf("row %d: null is %s", i, v)
		}
	}
	if d.More() || d.Err() != nil {
		t.Errorf("more %v, error %v after the last row", d.More(), d.Err())
	}
	for _, want := range decimals {
		d, err := rowbinary.Query(context.Background(), s.Conn(), "SELECT CAST('"+want+"', 'Nullable(Decimal(38, 10))')")
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := d.Decimal(10); !ok || v.String() != want || d.More() {
			t.Errorf("decimal %s came as %s, %v", want, v, ok)
		}
	}
}

func TestAnAnswerThatEndsIsAnError(t *testing.T) {
	for _, answer := range []string{"", "\x05abc", "\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		d := rowbinary.New(answer)
		if s := d.Text(); s != "" || d.Err() == nil || d.More() {
			t.Errorf("%q: text %q, error %v", answer, s, d.Err())
		}
	}
	if d := rowbinary.New("\x00\x01"); true {
		if _, ok := d.Decimal(10); ok || d.Err() == nil {
			t.Error("half a decimal is read")
		}
	}
}
