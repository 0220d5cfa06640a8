package rowbinary

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"
)

// TestEncode: what is written is read again.
func TestEncode(t *testing.T) {
	const scale = 10
	numbers := []string{"0", "7", "-7", "99999999", "-99999999", "100000000", "922337203", "12.5", "-0.0000000001", "1e12", "9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"}
	var e Encoder
	e.Fixed("01ARZ3NDEK")
	e.Text("主动公开")
	e.Text("")
	e.Texts([]string{"一", "", "abc"})
	e.Texts(nil)
	e.Uint16(65535)
	e.Uint32(1 << 31)
	e.Decimal(nil, scale)
	for _, n := range numbers {
		d := decimal.RequireFromString(n)
		e.Decimal(&d, scale)
	}
	d := New(string(e.Bytes))
	if got := d.Take(10); got != "01ARZ3NDEK" {
		t.Errorf("fixed text: %q", got)
	}
	if a, b := d.Text(), d.Text(); a != "主动公开" || b != "" {
		t.Errorf("texts: %q %q", a, b)
	}
	if a, b := d.Texts(), d.Texts(); !slices.Equal(a, []string{"一", "", "abc"}) || len(b) != 0 {
		t.Errorf("lists: %q %q", a, b)
	}
	if a, b := d.Uint16(), d.Uint32(); a != 65535 || b != 1<<31 {
		t.Errorf("numbers: %d %d", a, b)
	}
	if _, ok := d.Decimal(scale); ok {
		t.Error("an absent decimal is read as one")
	}
	for _, n := range numbers {
		if got, ok := d.Decimal(scale); !ok || !got.Equal(decimal.RequireFromString(n)) {
			t.Errorf("decimal %s: got %s, %v", n, got, ok)
		}
	}
	if d.Err() != nil || d.More() {
		t.Errorf("at the end: %v, more %v", d.Err(), d.More())
	}
}
