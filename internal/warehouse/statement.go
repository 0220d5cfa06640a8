package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/register"
)

// AgencyStatement is what is said of an agency from a batch on: its whole entry.
type AgencyStatement struct {
	register.Agency
	Reason string // why it was stated, "" for an import
}

// Register reads the register as it was known at a moment, the zero time meaning now.
func (s *Store) Register(ctx context.Context, asOf time.Time) (*register.Register, error) {
	l, err := s.Ledger(ctx, asOf)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	return l.Register(ctx)
}

// RegisterChange is one statement about an agency, with the commit that made it.
type RegisterChange struct {
	AgencyStatement
	Batch  string
	Person string
	At     time.Time // UTC
}

// RegisterChanges lists all statements about agencies committed after one moment and up to another (the zero time
// meaning now), oldest first.
func (s *Store) RegisterChanges(ctx context.Context, after, until time.Time) ([]RegisterChange, error) {
	rows, err := s.conn.Query(ctx, `SELECT a.statement, a.reason, a.batch, b.committed_by, b.committed_at FROM agencies AS a
		INNER JOIN (SELECT batch, min(batches.committed_at) AS committed_at, any(batches.committed_by) AS committed_by FROM batches
			WHERE batches.batch IN (SELECT batch FROM `+committedBatches(until)+`) GROUP BY batch) AS b ON a.batch = b.batch
		WHERE b.committed_at > fromUnixTimestamp64Micro({after:Int64}, 'UTC')
		ORDER BY b.committed_at, a.agency`, append(moment(until), microseconds("after", after))...)
	if err != nil {
		return nil, fmt.Errorf("list changes of the register: %w", short(err))
	}
	defer rows.Close()
	var list []RegisterChange
	for rows.Next() {
		var c RegisterChange
		var text string
		if err := rows.Scan(&text, &c.Reason, &c.Batch, &c.Person, &c.At); err != nil {
			return nil, fmt.Errorf("list changes of the register: %w", err)
		}
		if c.Agency, err = decodeAgency(text); err != nil {
			return nil, fmt.Errorf("list changes of the register: %w", err)
		}
		c.At = c.At.UTC()
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list changes of the register: %w", short(err))
	}
	return list, nil
}

// ObligationChange is one exception, with the commit that stated it.
type ObligationChange struct {
	register.Obligation
	Batch  string
	Person string
	At     time.Time // UTC
}

// ObligationChanges lists all exceptions stated after one moment and up to another (the zero time meaning now), oldest
// first.
func (s *Store) ObligationChanges(ctx context.Context, after, until time.Time) ([]ObligationChange, error) {
	rows, err := s.conn.Query(ctx, `SELECT o.agency, o.year, o.due, o.obliged, o.reason, o.batch, b.committed_by, b.committed_at FROM obligations AS o
		INNER JOIN (SELECT batch, min(batches.committed_at) AS committed_at, any(batches.committed_by) AS committed_by FROM batches
			WHERE batches.batch IN (SELECT batch FROM `+committedBatches(until)+`) GROUP BY batch) AS b ON o.batch = b.batch
		WHERE b.committed_at > fromUnixTimestamp64Micro({after:Int64}, 'UTC')
		ORDER BY b.committed_at, o.year, o.agency`, append(moment(until), microseconds("after", after))...)
	if err != nil {
		return nil, fmt.Errorf("list exceptions: %w", short(err))
	}
	defer rows.Close()
	var list []ObligationChange
	for rows.Next() {
		var c ObligationChange
		var year uint16
		var due *time.Time
		if err := rows.Scan(&c.Agency, &year, &due, &c.Obliged, &c.Reason, &c.Batch, &c.Person, &c.At); err != nil {
			return nil, fmt.Errorf("list exceptions: %w", err)
		}
		c.Year, c.Due, c.At = int(year), date(due), c.At.UTC()
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list exceptions: %w", short(err))
	}
	return list, nil
}

// An entry is an agency as the column statement holds it. Days are written YYYY-MM-DD, and what is not said is left out.
type entry struct {
	Code   string     `json:"code"`
	Kind   string     `json:"kind,omitempty"`
	Region string     `json:"region,omitempty"`
	Parent string     `json:"parent,omitempty"`
	USCC   string     `json:"uscc,omitempty"`
	Names  []nameJSON `json:"names,omitempty"`
	From   string     `json:"from,omitempty"`
	To     string     `json:"to,omitempty"`
	Links  []linkJSON `json:"links,omitempty"`
	Page   string     `json:"page,omitempty"`
	Scope  string     `json:"scope,omitempty"`
}

type nameJSON struct {
	Text string `json:"text"`
	Kind string `json:"kind"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

type linkJSON struct {
	Kind  string `json:"kind"`
	Other string `json:"other"`
	On    string `json:"on,omitempty"`
}

func encodeAgency(a register.Agency) (string, error) {
	e := entry{Code: a.Code, Kind: string(a.Kind), Region: a.Region, Parent: a.Parent, USCC: a.USCC, From: dayText(a.From), To: dayText(a.To),
		Page: a.Page, Scope: string(a.Scope)}
	for _, n := range a.Names {
		e.Names = append(e.Names, nameJSON{n.Text, string(n.Kind), dayText(n.From), dayText(n.To)})
	}
	for _, l := range a.Links {
		e.Links = append(e.Links, linkJSON{string(l.Kind), l.Other, dayText(l.On)})
	}
	text, err := json.Marshal(e)
	return string(text), err
}

func decodeAgency(text string) (register.Agency, error) {
	var e entry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return register.Agency{}, fmt.Errorf("entry %.60q: %w", text, err)
	}
	var failed error
	day := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			failed = fmt.Errorf("entry of agency %s: day %q, want YYYY-MM-DD", e.Code, s)
		}
		return t
	}
	a := register.Agency{Code: e.Code, Kind: register.Kind(e.Kind), Region: e.Region, Parent: e.Parent, USCC: e.USCC, From: day(e.From), To: day(e.To),
		Page: e.Page, Scope: form.Scope(e.Scope)}
	for _, n := range e.Names {
		a.Names = append(a.Names, register.Name{Text: n.Text, Kind: register.NameKind(n.Kind), From: day(n.From), To: day(n.To)})
	}
	for _, l := range e.Links {
		a.Links = append(a.Links, register.Link{Kind: register.LinkKind(l.Kind), Other: l.Other, On: day(l.On)})
	}
	return a, failed
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// checkStatements reports the first statement that the tables cannot hold. Whether the register as a whole makes
// sense is for those to say who state it.
func (b *Batch) checkStatements() error {
	seen := map[string]bool{}
	for _, a := range b.Agencies {
		if a.Code == "" || seen[a.Code] {
			return fmt.Errorf("statement about agency %q: want a code, and one statement for an agency", a.Code)
		}
		seen[a.Code] = true
	}
	due := map[AgencyYear]bool{}
	for _, o := range b.Obligations {
		key := AgencyYear{o.Agency, o.Year}
		if o.Agency == "" || o.Year < 1 || o.Year > 65535 || due[key] {
			return fmt.Errorf("obligation of agency %q for %d: want both, and one statement for an agency and year", o.Agency, o.Year)
		}
		if !o.Due.IsZero() && (o.Due.Year() < 1900 || o.Due.Year() > 2299) {
			return fmt.Errorf("obligation of agency %s for %d: day %s is not between 1900 and 2299", o.Agency, o.Year, o.Due.Format(time.DateOnly))
		}
		due[key] = true
	}
	return nil
}

func agencyColumns(b Batch) ([]column, error) {
	a := b.Agencies
	texts := make([]string, len(a))
	for i := range a {
		text, err := encodeAgency(a[i].Agency)
		if err != nil {
			return nil, fmt.Errorf("write entry of agency %s: %w", a[i].Code, err)
		}
		texts[i] = text
	}
	return []column{
		{"agency", all(a, func(a AgencyStatement) string { return a.Code })},
		{"same_as", all(a, func(a AgencyStatement) string {
			code, _ := a.SameAs()
			return code
		})},
		{"statement", texts},
		{"reason", all(a, func(a AgencyStatement) string { return a.Reason })},
		{"batch", all(a, func(AgencyStatement) string { return b.ID })},
	}, nil
}

func obligationColumns(b Batch) []column {
	o := b.Obligations
	return []column{
		{"agency", all(o, func(o register.Obligation) string { return o.Agency })},
		{"year", all(o, func(o register.Obligation) uint16 { return uint16(o.Year) })},
		{"due", all(o, func(o register.Obligation) *time.Time { return optional(o.Due) })},
		{"obliged", all(o, func(o register.Obligation) bool { return o.Obliged })},
		{"reason", all(o, func(o register.Obligation) string { return o.Reason })},
		{"batch", all(o, func(register.Obligation) string { return b.ID })},
	}
}

// CommitRegister adds statements about agencies and obligations as one batch. Links from provisional entries are
// drawn straight: where an entry is linked to one that is itself linked, or entries that were linked to it before, all
// lead to the last. An entry that leads to itself that way is refused.
func (s *Store) CommitRegister(ctx context.Context, batch, by, reason string, agencies []register.Agency, obligations []register.Obligation) (CommitResult, error) {
	held, err := s.Register(ctx, time.Time{})
	if err != nil {
		return CommitResult{}, err
	}
	agencies, err = straight(held, agencies)
	if err != nil {
		return CommitResult{}, fmt.Errorf("state %d agencies: %w", len(agencies), err)
	}
	b := Batch{ID: batch, By: by, Obligations: obligations}
	for _, a := range agencies {
		b.Agencies = append(b.Agencies, AgencyStatement{a, reason})
	}
	return s.Commit(ctx, b)
}

// straight returns the statements with every link Same leading to an entry that has none, and adds a statement for
// each entry held whose link would otherwise lead to one that is linked now.
func straight(held *register.Register, stated []register.Agency) ([]register.Agency, error) {
	after := register.New(append(held.Agencies(), stated...), nil)
	out := make([]register.Agency, 0, len(stated))
	done := map[string]bool{}
	redraw := func(a register.Agency) (register.Agency, bool, error) {
		other, linked := a.SameAs()
		if !linked {
			return a, false, nil
		}
		last := after.Resolve(a.Code)
		if last == a.Code {
			return a, false, fmt.Errorf("agency %s is the same as %s, which leads back to it: want a link to an entry that is not linked", a.Code, other)
		}
		links := make([]register.Link, 0, len(a.Links))
		for _, l := range a.Links {
			if l.Kind == register.Same {
				l.Other = last
			}
			links = append(links, l)
		}
		a.Links = links
		return a, last != other, nil
	}
	for _, a := range stated {
		a, _, err := redraw(a)
		if err != nil {
			return stated, err
		}
		out, done[a.Code] = append(out, a), true
	}
	for _, a := range held.Agencies() {
		if done[a.Code] {
			continue
		}
		a, changed, err := redraw(a)
		if err != nil {
			return stated, err
		}
		if changed {
			out = append(out, a)
		}
	}
	return out, nil
}
