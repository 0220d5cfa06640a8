package engine

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// roundTrips are types with literals of them. Each value is written as a literal, read by the driver, written by the
// driver as it was read, and compared by the engine. (The driver reads a Map without its order, so these have one key.)
var roundTrips = []struct{ name, kind, literal string }{
	{"nullable", "Nullable(Int64)", "NULL"},
	{"nullable_set", "Nullable(Decimal(18, 6))", "'-123456789012.345678'"},
	{"low", "LowCardinality(String)", "'年报'"},
	{"low_null", "LowCardinality(Nullable(String))", "NULL"},
	{"list", "Array(Int32)", "[1,-2]"},
	{"lists", "Array(Array(Nullable(String)))", "[['a',NULL],[]]"},
	{"low_list", "Array(LowCardinality(String))", "['a','b']"},
	{"map", "Map(String, UInt64)", "{'一':18446744073709551615}"},
	{"low_map", "Map(LowCardinality(String), Array(Int8))", "{'a':[1,2]}"},
	{"enum8", "Enum8('own' = 1, 'aggregate' = 2)", "'aggregate'"},
	{"enum16", "Enum16('a' = 1000)", "'a'"},
	{"day", "Date", "'2149-06-06'"},
	{"day32", "Date32", "'1900-01-01'"},
	{"second", "DateTime", "'2024-01-17 15:30:00'"},
	{"second_zone", "DateTime('Asia/Shanghai')", "'2024-01-17 23:30:00'"},
	{"micro", "DateTime64(6, 'UTC')", "'2024-01-17 15:30:00.123456'"},
	{"dec18", "Decimal(18, 4)", "'99999999999999.9999'"},
	{"dec38", "Decimal(38, 10)", "'-1234567890123456789012345678.0123456789'"},
	{"dec76", "Decimal(76, 20)", "'12345678901234567890123456789012345678901234567890.00000000000000000001'"},
	{"uuid", "UUID", "'01234567-89ab-cdef-0123-456789abcdef'"},
	{"pair", "Tuple(Int64, String)", "(1,'x')"},
	{"named", "Tuple(a Int64, b Nullable(String))", "(1,NULL)"},
	{"fixed", "FixedString(32)", "unhex('000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0eff')"},
	{"bytes", "String", "unhex('00ff0a09275c')"},
	{"text", "String", "'引号\\'\\t\\n\\\\'"},
	{"yes", "Bool", "true"},
	{"i8", "Int8", "-128"},
	{"u8", "UInt8", "255"},
	{"i128", "Int128", "-170141183460469231731687303715884105728"},
	{"u256", "UInt256", "115792089237316195423570985008687907853269984665640564039457584007913129639935"},
	{"f32", "Float32", "0.1"},
	{"f64", "Float64", "nan"},
	{"ip4", "IPv4", "'10.0.0.1'"},
	{"ip6", "IPv6", "'2001:db8::1'"},
	{"sum", "SimpleAggregateFunction(sum, UInt64)", "5"},
}

func TestTypesRoundTrip(t *testing.T) {
	for name, compression := range map[string]*clickhouse.Compression{
		"plain": nil, "lz4": {Method: clickhouse.CompressionLZ4}, "zstd": {Method: clickhouse.CompressionZSTD, Level: 3}, "gzip": {Method: clickhouse.CompressionGZIP, Level: 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := database(t, func(o *clickhouse.Options) { o.Compression = compression })
			var columns, literals []string
			for _, r := range roundTrips {
				columns, literals = append(columns, r.name+" "+r.kind), append(literals, r.literal)
			}
			execute(t, c, "CREATE TABLE one (id UInt8, "+strings.Join(columns, ", ")+") ENGINE = MergeTree ORDER BY id")
			execute(t, c, "INSERT INTO one VALUES (1, "+strings.Join(literals, ", ")+")")

			rows, err := c.Query(t.Context(), "SELECT * FROM one WHERE id = 1")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			if !rows.Next() {
				t.Fatalf("no row: %v", rows.Err())
			}
			values := make([]any, 0, len(roundTrips)+1)
			for _, kind := range rows.ColumnTypes() {
				values = append(values, reflect.New(kind.ScanType()).Interface())
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for i := range values {
				values[i] = reflect.ValueOf(values[i]).Elem().Interface()
			}
			values[0] = uint8(2)
			b, err := c.PrepareBatch(t.Context(), "INSERT INTO one")
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Append(values...); err != nil {
				t.Fatal(err)
			}
			if err := b.Send(); err != nil {
				t.Fatal(err)
			}
			if n := one[uint64](t, c, "SELECT count() FROM one"); n != 2 {
				t.Fatalf("%d rows, want the literal one and the driver's", n)
			}
			for _, r := range roundTrips {
				if n := one[uint64](t, c, "SELECT uniqExact(formatRow('TSV', "+r.name+")) FROM one"); n != 1 {
					t.Errorf("%s %s: two different values after the round trip", r.name, r.kind)
				}
			}
		})
	}
}
