package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// What a person decides is an act, and acts are only ever added. What holds at a moment follows from the acts that
// were committed by then.

// The acts on a correction.
const (
	Propose  = "propose"  // holds at once, or after approval if a second person must agree
	Approve  = "approve"  // by another person than the one who proposed
	Withdraw = "withdraw" // ends it for good; also the act that takes a filing out
	Restore  = "restore"  // puts a withdrawn filing back
)

// CorrectionAct is one act on the correction of one cell. An act on a correction that stands repeats its id, filing
// and cell.
type CorrectionAct struct {
	Correction string // ULID, given by the proposal
	Act        string // Propose, Approve or Withdraw
	Filing     string
	Agency     string // code under which the filing is held
	Year       int
	form.Key
	// Value, State, Two and Replaces belong to the proposal.
	Value    decimal.Decimal // where State is Number
	State    form.State      // Number, Blank, Dash or NA
	Two      bool            // holds only once a second person approved it
	Replaces string          // id of the correction of an earlier version that this one repeats
	Reason   string
	Person   string
	At       time.Time // UTC, of the commit; not set on the way in
}

// Correction is what became of a proposal to correct a cell. The cell as it was read stays as it is.
type Correction struct {
	CorrectionAct                 // the proposal
	Approved      *CorrectionAct  // nil if nobody approved it
	Withdrawn     *CorrectionAct  // nil if it stands
	Acts          []CorrectionAct // all of them, oldest first
}

// InForce reports whether the correction is to be used in place of what was read.
func (c *Correction) InForce() bool {
	return c.Withdrawn == nil && (!c.Two || c.Approved != nil)
}

// since is the moment from which a correction in force holds.
func (c *Correction) since() time.Time {
	if c.Two {
		return c.Approved.At
	}
	return c.At
}

// Overlay returns the cells with the corrections in force put in their place, and which correction each corrected
// cell has. Of several for one cell the one that holds since last counts. A cell that the filing does not have is
// added at the end. Corrections of other filings must not be among them.
func Overlay(cells []form.Cell, corrections []Correction) (corrected []form.Cell, by map[form.Key]*Correction) {
	by = map[form.Key]*Correction{}
	for i := range corrections {
		c := &corrections[i]
		if other := by[c.Key]; c.InForce() && (other == nil || !c.since().Before(other.since())) {
			by[c.Key] = c
		}
	}
	if len(by) == 0 {
		return cells, by
	}
	corrected = make([]form.Cell, 0, len(cells)+len(by))
	here := map[form.Key]bool{}
	for _, cell := range cells {
		if c := by[cell.Key]; c != nil {
			here[cell.Key] = true
			cell.Value, cell.State, cell.Candidates, cell.SettledBy = c.Value, c.State, nil, ""
		}
		corrected = append(corrected, cell)
	}
	for i := range corrections { // in their order, so that the answer is always the same
		if c := &corrections[i]; by[c.Key] == c && !here[c.Key] {
			corrected = append(corrected, form.Cell{Key: c.Key, Value: c.Value, State: c.State})
		}
	}
	return corrected, by
}

// CorrectedCells gives a sub-query, in parentheses, with a row (filing, agency, year, tbl, row, col, value, state,
// correction) for each cell of which a correction was in force at a moment. The arguments are those of [VisibleFilings].
// Without corrections it has no rows; a query that leaves these cells out of cells and adds the sub-query reads what
// was known, corrections included.
func CorrectedCells(asOf time.Time) (sql string, args []any) {
	return `(SELECT filing, agency, year, tbl, row, col, value, state, correction FROM (
			SELECT correction, filing, agency, year, tbl, row, col, anyIf(value, act = 'propose') AS value, anyIf(state, act = 'propose') AS state,
				minIf(committed_at, act = if(two, 'approve', 'propose')) AS since
			FROM (SELECT t.*, b.committed_at AS committed_at FROM corrections AS t INNER JOIN ` + committedBatches(asOf) + ` AS b ON t.batch = b.batch)
			GROUP BY correction, filing, agency, year, tbl, row, col
			HAVING countIf(act = 'propose') > 0 AND countIf(act = 'withdraw') = 0 AND countIf(act = if(two, 'approve', 'propose')) > 0)
		ORDER BY since DESC, correction DESC LIMIT 1 BY filing, tbl, row, col)`, moment(asOf)
}

// Corrections lists the corrections that were known at a moment (the zero time meaning now), oldest first. The
// filter's agencies are codes under which filings are held.
func (s *Store) Corrections(ctx context.Context, asOf time.Time, filter Filter) ([]Correction, error) {
	l, err := s.Ledger(ctx, asOf)
	if err != nil {
		return nil, fmt.Errorf("list corrections: %w", err)
	}
	return l.Corrections(ctx, filter)
}

// joinActs makes corrections of the acts on them, which come oldest first, of each the proposal before the others.
func joinActs(acts []CorrectionAct) ([]Correction, error) {
	var list []Correction
	at := map[string]int{}
	for _, a := range acts {
		i, known := at[a.Correction]
		switch {
		case a.Act == Propose && !known:
			at[a.Correction] = len(list)
			list = append(list, Correction{CorrectionAct: a, Acts: []CorrectionAct{a}})
			continue
		case !known:
			return nil, fmt.Errorf("act %q on correction %s, which nobody proposed", a.Act, a.Correction)
		}
		c := &list[i]
		c.Acts = append(c.Acts, a)
		switch {
		case a.Act == Approve && c.Approved == nil:
			c.Approved = &a
		case a.Act == Withdraw && c.Withdrawn == nil:
			c.Withdrawn = &a
		}
	}
	return list, nil
}

// The decisions about a finding.
const (
	Confirm = "confirm" // the figures are wrong, the agency is to mend them
	Dismiss = "dismiss" // there is a good reason, which is given
	Ask     = "ask"     // the agency was asked
	Reopen  = "reopen"  // an earlier decision is taken back
)

// Decisions in the order in which pages offer them.
var Decisions = []string{Confirm, Dismiss, Ask, Reopen}

// FindingKey names a finding across versions of a report.
type FindingKey struct {
	Agency             string
	Year               int
	Rule, Table, Place string
}

// Review is a person's decision about a finding.
type Review struct {
	ID         string // ULID
	Decision   string // one of Decisions
	Filing     string // the version that the person saw
	FindingKey        // its Agency is, on the way in, the code under which the filing is held; on the way out that of the body it belongs to
	Basis      string // of the finding that the person saw; see form.Finding
	Reason     string
	Person     string
	At         time.Time // UTC, of the commit; not set on the way in
}

// Reviews lists the decisions that were made by a moment (the zero time meaning now), oldest first. The last of a
// finding counts, as long as its basis is that of the finding.
func (s *Store) Reviews(ctx context.Context, asOf time.Time, filter Filter) ([]Review, error) {
	condition, args := filter.where("agency")
	rows, err := s.conn.Query(ctx, `SELECT review, decision, filing, agency, year, rule, tbl, place, basis, reason, person, committed_at
		FROM `+reviews(asOf)+` WHERE `+condition+` ORDER BY committed_at, review`, append(args, moment(asOf)...)...)
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", short(err))
	}
	defer rows.Close()
	var list []Review
	for rows.Next() {
		var r Review
		var year uint16
		if err := rows.Scan(&r.ID, &r.Decision, &r.Filing, &r.Agency, &year, &r.Rule, &r.Table, &r.Place, &r.Basis, &r.Reason, &r.Person, &r.At); err != nil {
			return nil, fmt.Errorf("list reviews: %w", err)
		}
		r.Year, r.At = int(year), r.At.UTC()
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list reviews: %w", short(err))
	}
	return list, nil
}

// Withdrawal takes a filing out of all figures, or puts it back. The filing itself stays readable.
type Withdrawal struct {
	Filing string
	Act    string // Withdraw or Restore
	Reason string
	Person string
	At     time.Time // UTC, of the commit; not set on the way in
}

// Withdrawals lists all acts of this kind that were committed by a moment (the zero time meaning now), oldest first.
func (s *Store) Withdrawals(ctx context.Context, asOf time.Time) ([]Withdrawal, error) {
	rows, err := s.conn.Query(ctx, `SELECT filing, act, reason, person, b.committed_at FROM withdrawals AS w
		INNER JOIN `+committedBatches(asOf)+` AS b ON w.batch = b.batch ORDER BY b.committed_at, filing`, moment(asOf)...)
	if err != nil {
		return nil, fmt.Errorf("list withdrawals: %w", short(err))
	}
	defer rows.Close()
	var list []Withdrawal
	for rows.Next() {
		var w Withdrawal
		if err := rows.Scan(&w.Filing, &w.Act, &w.Reason, &w.Person, &w.At); err != nil {
			return nil, fmt.Errorf("list withdrawals: %w", err)
		}
		w.At = w.At.UTC()
		list = append(list, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list withdrawals: %w", short(err))
	}
	return list, nil
}

// The acts on a file that waits.
const (
	Wait = "wait" // it is a report, but its agency or year is not known
	// Dismiss ends the waiting without a filing.
)

// WaitingFile is a report that is held but belongs to no agency and year yet. Its bytes are a [Document]. It stops
// waiting when a filing with its bytes is committed, or when a person dismisses it.
type WaitingFile struct {
	SHA256     string
	Act        string // Wait or Dismiss
	File       string // its name
	AgencyName string // as far as the file tells, "" if not
	Year       int    // 0 if not known
	Title      string
	Problems   []form.Problem // among them why it waits
	ReceivedAt time.Time      // UTC
	Reason     string         // why it was dismissed
	Person     string
	At         time.Time // UTC, of the commit; not set on the way in
}

// Waiting lists the files that waited at a moment (the zero time meaning now), oldest first.
func (s *Store) Waiting(ctx context.Context, asOf time.Time) ([]WaitingFile, error) {
	rows, err := s.conn.Query(ctx, `SELECT sha256, act, file, agency_name, year, title, problems, received_at, reason, person, committed_at
		FROM `+newest("waiting", asOf, "sha256")+` WHERE act = 'wait' AND sha256 NOT IN (
			SELECT sha256 FROM filings WHERE batch IN (SELECT batch FROM `+committedBatches(asOf)+`))
		ORDER BY committed_at, sha256`, moment(asOf)...)
	if err != nil {
		return nil, fmt.Errorf("list waiting files: %w", short(err))
	}
	defer rows.Close()
	var list []WaitingFile
	for rows.Next() {
		var w WaitingFile
		var year uint16
		var problems string
		if err := rows.Scan(&w.SHA256, &w.Act, &w.File, &w.AgencyName, &year, &w.Title, &problems, &w.ReceivedAt, &w.Reason, &w.Person, &w.At); err != nil {
			return nil, fmt.Errorf("list waiting files: %w", err)
		}
		if err := json.Unmarshal([]byte(problems), &w.Problems); err != nil {
			return nil, fmt.Errorf("read problems of waiting file %s: %w", w.SHA256, err)
		}
		w.Year, w.ReceivedAt, w.At = int(year), w.ReceivedAt.UTC(), w.At.UTC()
		list = append(list, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list waiting files: %w", short(err))
	}
	return list, nil
}

// check reports the first thing of the decisions that the tables cannot hold. Whether a decision makes sense is for
// those to say who take it.
func (b *Batch) checkDecisions() error {
	for _, c := range b.Corrections {
		if len(c.Correction) != 26 || len(c.Filing) != 26 || c.Person == "" {
			return fmt.Errorf("correction %q of filing %q by %q: want two ULIDs and a person", c.Correction, c.Filing, c.Person)
		}
		switch c.Act {
		case Propose:
			if c.State != form.Number && c.State != form.Blank && c.State != form.Dash && c.State != form.NA {
				return fmt.Errorf("correction of cell %s: state %q, want number, blank, dash or na", c.Key, c.State)
			}
			if c.State == form.Number {
				if err := Storable(c.Value); err != nil {
					return fmt.Errorf("correction of cell %s: %w", c.Key, err)
				}
			}
		case Approve, Withdraw:
		default:
			return fmt.Errorf("correction of cell %s: act %q, want %s, %s or %s", c.Key, c.Act, Propose, Approve, Withdraw)
		}
	}
	for _, r := range b.Reviews {
		if len(r.ID) != 26 || len(r.Filing) != 26 || r.Person == "" {
			return fmt.Errorf("review %q of filing %q by %q: want two ULIDs and a person", r.ID, r.Filing, r.Person)
		}
	}
	for _, w := range b.Withdrawals {
		if len(w.Filing) != 26 || w.Person == "" || (w.Act != Withdraw && w.Act != Restore) {
			return fmt.Errorf("%s filing %q by %q: want %s or %s, a ULID and a person", w.Act, w.Filing, w.Person, Withdraw, Restore)
		}
	}
	for _, w := range b.Waiting {
		if len(w.SHA256) != 64 || (w.Act != Wait && w.Act != Dismiss) || w.Year < 0 || w.Year > 65535 {
			return fmt.Errorf("waiting file %q, act %q, year %d: want a hash, %s or %s, and a year", w.SHA256, w.Act, w.Year, Wait, Dismiss)
		}
	}
	if err := b.checkSets(); err != nil {
		return err
	}
	return b.checkBoards()
}

func correctionColumns(b Batch) []column {
	c := b.Corrections
	return []column{
		{"correction", all(c, func(c CorrectionAct) string { return c.Correction })},
		{"act", all(c, func(c CorrectionAct) string { return c.Act })},
		{"filing", all(c, func(c CorrectionAct) string { return c.Filing })},
		{"agency", all(c, func(c CorrectionAct) string { return c.Agency })},
		{"year", all(c, func(c CorrectionAct) uint16 { return uint16(c.Year) })},
		{"tbl", all(c, func(c CorrectionAct) string { return c.Table })},
		{"row", all(c, func(c CorrectionAct) string { return c.Row })},
		{"col", all(c, func(c CorrectionAct) string { return c.Column })},
		{"value", all(c, func(c CorrectionAct) *decimal.Decimal {
			if c.State != form.Number {
				return nil
			}
			return &c.Value
		})},
		{"state", all(c, func(c CorrectionAct) string { return string(c.State) })},
		{"two", all(c, func(c CorrectionAct) bool { return c.Two })},
		{"replaces", all(c, func(c CorrectionAct) string { return c.Replaces })},
		{"reason", all(c, func(c CorrectionAct) string { return c.Reason })},
		{"person", all(c, func(c CorrectionAct) string { return c.Person })},
		{"batch", all(c, func(CorrectionAct) string { return b.ID })},
	}
}

func reviewColumns(b Batch) []column {
	r := b.Reviews
	return []column{
		{"review", all(r, func(r Review) string { return r.ID })},
		{"decision", all(r, func(r Review) string { return r.Decision })},
		{"filing", all(r, func(r Review) string { return r.Filing })},
		{"agency", all(r, func(r Review) string { return r.Agency })},
		{"year", all(r, func(r Review) uint16 { return uint16(r.Year) })},
		{"rule", all(r, func(r Review) string { return r.Rule })},
		{"tbl", all(r, func(r Review) string { return r.Table })},
		{"place", all(r, func(r Review) string { return r.Place })},
		{"basis", all(r, func(r Review) string { return r.Basis })},
		{"reason", all(r, func(r Review) string { return r.Reason })},
		{"person", all(r, func(r Review) string { return r.Person })},
		{"batch", all(r, func(Review) string { return b.ID })},
	}
}

func withdrawalColumns(b Batch) []column {
	w := b.Withdrawals
	return []column{
		{"filing", all(w, func(w Withdrawal) string { return w.Filing })},
		{"act", all(w, func(w Withdrawal) string { return w.Act })},
		{"reason", all(w, func(w Withdrawal) string { return w.Reason })},
		{"person", all(w, func(w Withdrawal) string { return w.Person })},
		{"batch", all(w, func(Withdrawal) string { return b.ID })},
	}
}

func waitingColumns(b Batch) ([]column, error) {
	w := b.Waiting
	problems, err := problemTexts(all(w, func(w WaitingFile) []form.Problem { return w.Problems }))
	if err != nil {
		return nil, errors.Join(errors.New("write problems of waiting files"), err)
	}
	return []column{
		{"sha256", all(w, func(w WaitingFile) string { return w.SHA256 })},
		{"act", all(w, func(w WaitingFile) string { return w.Act })},
		{"file", all(w, func(w WaitingFile) string { return w.File })},
		{"agency_name", all(w, func(w WaitingFile) string { return w.AgencyName })},
		{"year", all(w, func(w WaitingFile) uint16 { return uint16(w.Year) })},
		{"title", all(w, func(w WaitingFile) string { return w.Title })},
		{"problems", problems},
		{"received_at", all(w, func(w WaitingFile) time.Time { return w.ReceivedAt })},
		{"reason", all(w, func(w WaitingFile) string { return w.Reason })},
		{"person", all(w, func(w WaitingFile) string { return w.Person })},
		{"batch", all(w, func(WaitingFile) string { return b.ID })},
	}, nil
}

// problemTexts writes each list of problems as a JSON array.
func problemTexts(lists [][]form.Problem) ([]string, error) {
	out := make([]string, len(lists))
	for i, list := range lists {
		if list == nil {
			list = []form.Problem{}
		}
		text, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		out[i] = string(text)
	}
	return out, nil
}
