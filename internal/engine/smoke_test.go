package engine

import (
	"errors"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func asException(err error, e **clickhouse.Exception) bool { return errors.As(err, e) }

func TestSmoke(t *testing.T) {
	c := database(t, nil)
	v, err := c.ServerVersion()
	t.Log(v, err)
	if got := one[uint8](t, c, "SELECT 1"); got != 1 {
		t.Fatal(got)
	}
	execute(t, c, "CREATE TABLE t (x Int64, y String) ENGINE=MergeTree ORDER BY x")
	b, err := c.PrepareBatch(t.Context(), "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100000 {
		b.Append(int64(i), "中文")
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	if got := one[uint64](t, c, "SELECT count() FROM t"); got != 100000 {
		t.Fatal(got)
	}
	err = c.Exec(t.Context(), "SELECT * FROM nope")
	t.Log(code(err), err)
	err = c.Exec(t.Context(), "SELECT * FROM file('x.csv')")
	t.Log(code(err), err)
	err = c.Exec(t.Context(), "SELEC 1")
	t.Log(code(err), err)
}
