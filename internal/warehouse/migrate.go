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
	{"register, decisions, running text", []string{
		// What was read besides the tables of the form.
		`ALTER TABLE filings ADD COLUMN IF NOT EXISTS form_legacy LowCardinality(String) COMMENT 'kind of report before 2019' AFTER form4`,
		`CREATE TABLE IF NOT EXISTS parts (
			filing FixedString(26),
			agency String,
			year   UInt16,
			number UInt16 COMMENT 'place among the parts of the filing, from 1',
			part   LowCardinality(String) COMMENT 'section1 to section6, empty before the first',
			title  String,
			text   String CODEC(ZSTD(3)),
			page   UInt16,
			line   UInt32,
			batch  FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, filing, number)` + ofRecord,
		`CREATE TABLE IF NOT EXISTS claims (
			filing   FixedString(26),
			agency   String,
			year     UInt16,
			number   UInt16 COMMENT 'place among the claims of the filing, from 1',
			claim    String COMMENT 'JSON object, as nianbao read prints it' CODEC(ZSTD(3)),
			batch    FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, filing, number)` + ofRecord,

		// A set of findings is added as a whole; the newest set of a filing counts.
		`ALTER TABLE findings ADD COLUMN IF NOT EXISTS note String AFTER blanks`,
		`ALTER TABLE findings ADD COLUMN IF NOT EXISTS against Array(String) AFTER note`,
		`ALTER TABLE findings ADD COLUMN IF NOT EXISTS basis String COMMENT 'digest of everything it was computed from' AFTER against`,
		`CREATE TABLE IF NOT EXISTS assessments (
			filing         FixedString(26),
			agency         String,
			year           UInt16,
			pass           UInt32,
			fail           UInt32,
			uncertain      UInt32,
			not_assessable UInt32,
			not_applicable UInt32,
			failed         Array(LowCardinality(String)) COMMENT 'rules that fail, each once',
			digest         String COMMENT 'of the findings',
			batch          FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, filing)` + ofRecord,
		`INSERT INTO assessments SELECT filing, any(agency), any(year), countIf(status = 'pass'), countIf(status = 'fail'), countIf(status = 'uncertain'),
			countIf(status = 'not_assessable'), 0, arraySort(groupUniqArrayIf(rule, status = 'fail')), '', batch
			FROM findings WHERE filing NOT IN (SELECT filing FROM assessments) GROUP BY filing, batch`,

		// Who files. Of an agency the newest statement counts, as a whole.
		`CREATE TABLE IF NOT EXISTS agencies (
			agency    String COMMENT 'code',
			same_as   String COMMENT 'code of the agency that this provisional entry is, or empty',
			statement String COMMENT 'JSON object of the whole entry',
			reason    String,
			batch     FixedString(26)
		) ENGINE = MergeTree ORDER BY agency` + ofRecord,
		`CREATE TABLE IF NOT EXISTS obligations (
			agency  String,
			year    UInt16,
			due     Nullable(Date32) COMMENT 'null: by the general rule',
			obliged Bool,
			reason  String,
			batch   FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency)` + ofRecord,

		// What people decided. Each row is an act; what holds follows from all of them.
		`CREATE TABLE IF NOT EXISTS corrections (
			correction FixedString(26) COMMENT 'ULID of the proposal; acts on it carry the same',
			act        LowCardinality(String) COMMENT 'propose, approve, withdraw',
			filing     FixedString(26),
			agency     String,
			year       UInt16,
			tbl        LowCardinality(String),
			row        String,
			col        LowCardinality(String),
			value      Nullable(Decimal(38, 10)) COMMENT 'null unless state is number',
			state      LowCardinality(String),
			two        Bool COMMENT 'holds only once a second person approved it',
			replaces   String COMMENT 'correction of an earlier version of the report that it repeats, or empty',
			reason     String,
			person     String,
			batch      FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, filing, correction)` + ofRecord,
		`CREATE TABLE IF NOT EXISTS reviews (
			review   FixedString(26) COMMENT 'ULID',
			decision LowCardinality(String) COMMENT 'confirm, dismiss, ask, reopen',
			filing   FixedString(26) COMMENT 'the version that was looked at',
			agency   String,
			year     UInt16,
			rule     LowCardinality(String),
			tbl      LowCardinality(String),
			place    String,
			basis    String COMMENT 'of the finding that was looked at',
			reason   String,
			person   String,
			batch    FixedString(26)
		) ENGINE = MergeTree ORDER BY (year, agency, rule, tbl, place)` + ofRecord,
		`CREATE TABLE IF NOT EXISTS withdrawals (
			filing FixedString(26),
			act    LowCardinality(String) COMMENT 'withdraw, restore',
			reason String,
			person String,
			batch  FixedString(26)
		) ENGINE = MergeTree ORDER BY filing` + ofRecord,

		// Files that are held but belong to no agency and year yet.
		`CREATE TABLE IF NOT EXISTS waiting (
			sha256  FixedString(64),
			act     LowCardinality(String) COMMENT 'wait, dismiss',
			file    String,
			agency_name String COMMENT 'as far as the file tells',
			year    UInt16 COMMENT '0 if not known',
			title   String,
			problems String COMMENT 'JSON array',
			received_at DateTime64(6, 'UTC'),
			reason  String,
			person  String,
			batch   FixedString(26)
		) ENGINE = MergeTree ORDER BY sha256` + ofRecord,

		`ALTER TABLE batches ADD COLUMN IF NOT EXISTS statements UInt32 COMMENT 'rows in agencies and obligations' AFTER findings`,
		`ALTER TABLE batches ADD COLUMN IF NOT EXISTS decisions UInt32 COMMENT 'rows in corrections, reviews, withdrawals and waiting' AFTER statements`,
	}},
	{"chain", []string{
		// See chain.go.
		`CREATE TABLE IF NOT EXISTS chain (
			number       UInt64 COMMENT 'from 1',
			batch        FixedString(26),
			committed_at DateTime64(6, 'UTC'),
			committed_by String,
			program      String,
			digests      String COMMENT 'a line for each table: name, rows, digest',
			previous     FixedString(64) COMMENT 'hash of the link before',
			hash         FixedString(64)
		) ENGINE = MergeTree ORDER BY number` + ofRecord,
	}},
	{"sets", []string{
		// Of a set the newest statement counts, as a whole.
		`CREATE TABLE IF NOT EXISTS sets (
			name    String,
			act     LowCardinality(String) COMMENT 'save, withdraw',
			members Array(String) COMMENT 'codes of agencies, ascending; none where it is withdrawn',
			reason  String,
			person  String,
			batch   FixedString(26)
		) ENGINE = MergeTree ORDER BY name` + ofRecord,
		`ALTER TABLE batches COMMENT COLUMN decisions 'rows in corrections, reviews, withdrawals, waiting and sets'`,
	}},
	{"journal", []string{
		// See journal.go.
		`CREATE TABLE IF NOT EXISTS journal (
			number   UInt64 COMMENT 'from 1',
			entry    FixedString(26) COMMENT 'ULID',
			kind     LowCardinality(String) COMMENT 'download, or what the writer calls it',
			at       DateTime64(6, 'UTC') COMMENT 'when the act ended',
			person   String COMMENT 'empty if nobody signed in',
			client   String COMMENT 'address, or command line',
			what     String COMMENT 'address with its query, or account',
			as_of    Nullable(DateTime64(6, 'UTC')) COMMENT 'moment of the data',
			rows     Nullable(UInt64) COMMENT 'that were written',
			bytes    UInt64 COMMENT 'that were written',
			sha256   String COMMENT 'of these bytes, or empty',
			outcome  LowCardinality(String) COMMENT 'done, broken_off, refused',
			detail   String,
			program  LowCardinality(String),
			previous FixedString(64) COMMENT 'hash of the entry before',
			hash     FixedString(64)
		) ENGINE = MergeTree ORDER BY number` + ofRecord,
	}},
	{"accounts", []string{
		// Of an account the newest statement counts, as a whole.
		`CREATE TABLE IF NOT EXISTS accounts (
			name      String,
			kind      LowCardinality(String) COMMENT 'user, token',
			statement String COMMENT 'JSON object of the whole account; secrets are hashed',
			reason    String,
			person    String,
			batch     FixedString(26)
		) ENGINE = MergeTree ORDER BY (kind, name)` + ofRecord,
		`ALTER TABLE batches ADD COLUMN IF NOT EXISTS accounts UInt32 COMMENT 'rows in accounts' AFTER decisions`,
		// No record: forgotten after their end.
		`CREATE TABLE IF NOT EXISTS sessions (
			session FixedString(64) COMMENT 'SHA-256 of its secret',
			act     LowCardinality(String) COMMENT 'begin, end',
			account String,
			stamp   String COMMENT 'of the account when the session began',
			begun   DateTime64(6, 'UTC'),
			until   DateTime64(6, 'UTC')
		) ENGINE = MergeTree ORDER BY session TTL toDateTime(until) + toIntervalDay(1)`,
	}},
	{"boards and displays", []string{
		`CREATE TABLE IF NOT EXISTS boards (
			name      String,
			act       LowCardinality(String) COMMENT 'save, withdraw',
			statement String COMMENT 'YAML; empty where it is withdrawn',
			reason    String,
			person    String,
			batch     FixedString(26)
		) ENGINE = MergeTree ORDER BY name` + ofRecord,
		`CREATE TABLE IF NOT EXISTS displays (
			display FixedString(26) COMMENT 'ULID',
			act     LowCardinality(String) COMMENT 'add, revoke',
			name    String,
			board   String,
			token   String COMMENT 'SHA-256 of the token',
			tail    String COMMENT 'the last four characters of the token',
			reason  String,
			person  String,
			batch   FixedString(26)
		) ENGINE = MergeTree ORDER BY display` + ofRecord,
		`ALTER TABLE batches COMMENT COLUMN decisions 'rows in corrections, reviews, withdrawals, waiting, sets, boards and displays'`,
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
