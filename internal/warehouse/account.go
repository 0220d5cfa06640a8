package warehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/access"
	"nianbao/internal/rowbinary"
)

// AccountStatement is a statement about who may come in, and who made it. Of a kind and name the newest one counts.
type AccountStatement struct {
	access.Account
	Reason string
	Person string
	At     time.Time // UTC, of the commit; not set on the way in
}

// AccountActs lists all statements about accounts, oldest first.
func (s *Store) AccountActs(ctx context.Context) ([]AccountStatement, error) {
	d, err := rowbinary.Query(ctx, s.conn, `SELECT statement, a.reason, a.person, toUnixTimestamp64Micro(b.committed_at) AS at
		FROM accounts AS a INNER JOIN `+committedBatches(time.Time{})+` AS b ON a.batch = b.batch ORDER BY at, kind, name`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", short(err))
	}
	var list []AccountStatement
	for d.More() {
		text := d.Text()
		a := AccountStatement{Reason: d.Text(), Person: d.Text(), At: time.UnixMicro(int64(d.Uint64())).UTC()}
		if d.Err() != nil {
			break
		}
		if a.Account, err = access.ParseAccount(text); err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		list = append(list, a)
	}
	return list, d.Wrap("accounts")
}

// Accounts lists the accounts, also those that have ended, by kind and name, with the statement that counts.
func (s *Store) Accounts(ctx context.Context) ([]AccountStatement, error) {
	acts, err := s.AccountActs(ctx)
	if err != nil {
		return nil, err
	}
	last := map[[2]string]AccountStatement{}
	for _, a := range acts {
		last[[2]string{a.Kind, a.Name}] = a
	}
	var list []AccountStatement
	for _, a := range last {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b AccountStatement) int {
		return cmp.Or(cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.Name, b.Name))
	})
	return list, nil
}

func (b *Batch) checkAccounts() error {
	seen := map[[2]string]bool{}
	for _, a := range b.Accounts {
		if err := a.Check(); err != nil {
			return err
		}
		if a.Person == "" {
			return fmt.Errorf("%s %s: want who says so", a.Kind, a.Name)
		}
		if key := [2]string{a.Kind, a.Name}; seen[key] {
			return fmt.Errorf("%s %s: the batch has two statements about it, want one", a.Kind, a.Name)
		} else {
			seen[key] = true
		}
	}
	return nil
}

func accountColumns(b Batch) []column {
	a := b.Accounts
	return []column{
		{"name", all(a, func(a AccountStatement) string { return a.Name })},
		{"kind", all(a, func(a AccountStatement) string { return a.Kind })},
		{"statement", all(a, func(a AccountStatement) string { return a.Text() })},
		{"reason", all(a, func(a AccountStatement) string { return a.Reason })},
		{"person", all(a, func(a AccountStatement) string { return a.Person })},
		{"batch", all(a, func(AccountStatement) string { return b.ID })},
	}
}

// Session is somebody who signed in. Sessions are no record: they are forgotten a day after their end, and are in no link of the
// chain; the journal says who signed in.
type Session struct {
	Hash    string // of its secret; see [access.HashToken]
	Account string // name of the user
	Stamp   string // of the account at that time
	Begun   time.Time
	Until   time.Time // at the latest
}

// BeginSession keeps a session.
func (s *Store) BeginSession(ctx context.Context, one Session) error {
	return s.sessionAct(ctx, one, "begin")
}

// EndSession ends it for every program that serves this warehouse.
func (s *Store) EndSession(ctx context.Context, one Session) error {
	return s.sessionAct(ctx, one, "end")
}

func (s *Store) sessionAct(ctx context.Context, one Session, act string) error {
	if len(one.Hash) != 64 || s.whole != nil {
		return errors.New("keep a session: want the hash of its secret, and the whole warehouse")
	}
	err := s.conn.Exec(ctx, `INSERT INTO sessions (session, act, account, stamp, begun, until) SELECT {session:String}, {act:String}, {account:String}, {stamp:String},
			fromUnixTimestamp64Micro({begun:Int64}, 'UTC'), fromUnixTimestamp64Micro({until:Int64}, 'UTC')`,
		clickhouse.Named("session", one.Hash), clickhouse.Named("act", act), clickhouse.Named("account", one.Account), clickhouse.Named("stamp", one.Stamp),
		microseconds("begun", one.Begun), microseconds("until", one.Until))
	if err != nil {
		return fmt.Errorf("%s session of %s: %w", act, one.Account, short(err))
	}
	return nil
}

// Sessions lists the sessions that have begun and not ended.
func (s *Store) Sessions(ctx context.Context) ([]Session, error) {
	d, err := rowbinary.Query(ctx, s.conn, `SELECT session, any(account), any(stamp), toUnixTimestamp64Micro(min(begun)), toUnixTimestamp64Micro(max(until)) FROM sessions
		WHERE until > now64(6, 'UTC') GROUP BY session HAVING countIf(act = 'end') = 0`)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", short(err))
	}
	var list []Session
	for d.More() {
		list = append(list, Session{Hash: d.Take(64), Account: d.Text(), Stamp: d.Text(), Begun: time.UnixMicro(int64(d.Uint64())).UTC(), Until: time.UnixMicro(int64(d.Uint64())).UTC()})
	}
	return list, d.Wrap("sessions")
}

// DoorVersion changes when anything is said about accounts or sessions.
func (s *Store) DoorVersion(ctx context.Context) (accounts, sessions uint64, err error) {
	if err := s.conn.QueryRow(ctx, `SELECT (SELECT sum(accounts) FROM batches), (SELECT count() FROM sessions)`).Scan(&accounts, &sessions); err != nil {
		return 0, 0, fmt.Errorf("ask for news of accounts: %w", short(err))
	}
	return accounts, sessions, nil
}
