package warehouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// A migration carries the tables from one version of the schema to the next. Its version is its place in the list,
// from 1. Each statement can be run again after a crash in the middle; a migration that was released never changes.
type migration struct {
	name       string
	statements []string
}

// ofRecord are the settings of every table of record: a batch that is sent again after a broken connection is recognised by
// its token, and an acknowledged batch is on the disk.
const ofRecord = ` SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`

var migrations = []migration{
	{"tables of record", []string{
		`CREATE TABLE IF NOT EXISTS documents (
			sha256     FixedString(64),
			media_type LowCardinality(String),
			size       UInt64,
			bytes      String CODEC(ZSTD(3)),
			batch      FixedString(26)
		) ENGINE = MergeTree ORDER BY sha256` + ofRecord,
		`CREATE TABLE IF NOT EXISTS filings (
			filing      FixedString(26) COMMENT 'ULID',
			agency      String,
			agency_name String COMMENT 'as printed',
			region      String COMMENT 'GB/T 2260',
			year        UInt16,
			sha256      FixedString(64),
			file        String,
			form2       LowCardinality(String) COMMENT 'version of the form that section 2 follows, empty if it has no such table',
			form3       LowCardinality(String),
			form4       LowCardinality(String),
			title       String,
			scope       LowCardinality(String),
			status      LowCardinality(String),
			signed      Nullable(Date32),
			published   Nullable(Date32),
			url         String,
			problems    String COMMENT 'JSON array',
			synthetic   Bool,
			received_at DateTime64(6, 'UTC'),
			received_by String,
			reason      String,
			batch       FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, filing)` + ofRecord,
		`CREATE TABLE IF NOT EXISTS cells (
			filing     FixedString(26),
			agency     String,
			year       UInt16,
			tbl        LowCardinality(String),
			row        LowCardinality(String),
			col        LowCardinality(String),
			value      Nullable(Decimal(38, 10)) COMMENT 'null unless state is number',
			state      LowCardinality(String),
			raw        String,
			unit       LowCardinality(String),
			settled_by LowCardinality(String),
			rule       LowCardinality(String),
			candidates Array(String),
			page       UInt16,
			grid       UInt16,
			grid_row   UInt32,
			grid_col   UInt16,
			line       UInt32,
			batch      FixedString(26),
			PROJECTION by_agency (SELECT * ORDER BY agency, year, tbl, row, col)
		) ENGINE = MergeTree ORDER BY (year, tbl, row, col, agency)` + ofRecord,
		`CREATE TABLE IF NOT EXISTS findings (
			filing     FixedString(26),
			agency     String,
			year       UInt16,
			rule       LowCardinality(String),
			tbl        LowCardinality(String),
			place      LowCardinality(String),
			status     LowCardinality(String),
			expression String,
			lhs        Nullable(Decimal(38, 10)),
			rhs        Nullable(Decimal(38, 10)),
			delta      Nullable(Decimal(38, 10)),
			cells      Array(String),
			blanks     Array(String),
			batch      FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, rule, tbl, place)` + ofRecord,
		`CREATE TABLE IF NOT EXISTS batches (
			batch        FixedString(26) COMMENT 'ULID; the rows of a batch are visible once it stands here',
			committed_at DateTime64(6, 'UTC') COMMENT 'later than that of every batch before',
			committed_by String,
			program      String,
			documents    UInt32,
			filings      UInt32,
			cells        UInt64,
			findings     UInt32
		) ENGINE = MergeTree ORDER BY (committed_at, batch)` + ofRecord,
	}},
}

// migrate brings the tables to the last version of the list. Where they are there already it only reads, so an
// account without the right to create tables can use them.
func (s *Store) migrate(ctx context.Context, where *clickhouse.Options, list []migration) error {
	version, err := s.schemaVersion(ctx)
	switch {
	case isException(err, unknownDatabase):
		if err := createDatabase(ctx, where); err != nil {
			return err
		}
	case isException(err, unknownTable):
	case err != nil:
		return err
	case version > len(list):
		return fmt.Errorf("the tables have version %d and this program knows versions up to %d: use the newer nianbao that wrote them", version, len(list))
	case version == len(list):
		return nil
	}
	if err := s.conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
			version UInt32, name String, applied_at DateTime64(6, 'UTC'), program String
		) ENGINE = MergeTree ORDER BY version`+ofRecord); err != nil {
		return fmt.Errorf("create table schema_migrations: %w", short(err))
	}
	for i, m := range list[version:] {
		number := version + i + 1
		for _, statement := range m.statements {
			if err := s.conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("migrate to version %d (%s): %w", number, m.name, short(err))
			}
		}
		// Two programs may get here at the same time; the row is written once.
		err := s.conn.Exec(ctx, `INSERT INTO schema_migrations
			SELECT {version:UInt32}, {name:String}, now64(6, 'UTC'), {program:String} FROM schema_migrations
			HAVING countIf(version = {version:UInt32}) = 0`,
			clickhouse.Named("version", number), clickhouse.Named("name", m.name), clickhouse.Named("program", s.program))
		if err != nil {
			return fmt.Errorf("record migration to version %d: %w", number, short(err))
		}
		s.log.Info("warehouse: tables carried forward", "version", number, "migration", m.name)
	}
	return nil
}

func (s *Store) schemaVersion(ctx context.Context) (int, error) {
	var version uint32
	if err := s.conn.QueryRow(ctx, "SELECT max(version) FROM schema_migrations").Scan(&version); err != nil {
		return 0, fmt.Errorf("read the version of the tables: %w", short(err))
	}
	return int(version), nil
}

// createDatabase connects without the database that is not there yet.
func createDatabase(ctx context.Context, where *clickhouse.Options) error {
	o := *where
	o.Auth.Database = "default"
	conn, err := clickhouse.Open(&o)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS {name:Identifier} ENGINE = Atomic", clickhouse.Named("name", where.Auth.Database))
	if err != nil {
		return fmt.Errorf("create database %s: %w", where.Auth.Database, short(err))
	}
	return nil
}
