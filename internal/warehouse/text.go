package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"nianbao/internal/form"
)

// Parts reads the running text of a filing in the order of the file.
func (s *Store) Parts(ctx context.Context, f Filing) ([]form.Part, error) {
	rows, err := s.conn.Query(ctx, `SELECT part, title, text, page, line FROM parts
		WHERE agency = {agency:String} AND year = {year:UInt16} AND filing = {filing:String} ORDER BY number`, of(f)...)
	if err != nil {
		return nil, fmt.Errorf("read text of filing %s: %w", f.ID, short(err))
	}
	defer rows.Close()
	var parts []form.Part
	for rows.Next() {
		var p form.Part
		var page uint16
		var line uint32
		if err := rows.Scan(&p.Code, &p.Title, &p.Text, &page, &line); err != nil {
			return nil, fmt.Errorf("read text of filing %s: %w", f.ID, err)
		}
		p.At = form.Position{Page: int(page), Line: int(line)}
		parts = append(parts, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read text of filing %s: %w", f.ID, short(err))
	}
	return parts, nil
}

// Claims reads the numbers stated in the running text of a filing, in the order of the file.
func (s *Store) Claims(ctx context.Context, f Filing) ([]form.Claim, error) {
	rows, err := s.conn.Query(ctx, `SELECT claim FROM claims
		WHERE agency = {agency:String} AND year = {year:UInt16} AND filing = {filing:String} ORDER BY number`, of(f)...)
	if err != nil {
		return nil, fmt.Errorf("read claims of filing %s: %w", f.ID, short(err))
	}
	defer rows.Close()
	var claims []form.Claim
	for rows.Next() {
		var text string
		var c form.Claim
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read claims of filing %s: %w", f.ID, err)
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, fmt.Errorf("read claims of filing %s: %w", f.ID, err)
		}
		claims = append(claims, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read claims of filing %s: %w", f.ID, short(err))
	}
	return claims, nil
}

// Commit tells of one batch.
type Commit struct {
	Batch       string
	At          time.Time // UTC
	By          string
	Program     string
	Documents   int
	Filings     int
	Cells       int
	Findings    int
	Statements  int // about agencies and obligations
	Decisions   int // acts on corrections and filings, reviews, files that wait
	Assessments int // whole sets of findings, those of its filings included
}

// Commits lists the batches committed after one moment and up to another (the zero time meaning now), oldest first.
func (s *Store) Commits(ctx context.Context, after, until time.Time) ([]Commit, error) {
	rows, err := s.conn.Query(ctx, `SELECT c.batch, min(c.committed_at) AS at, any(c.committed_by), any(c.program), any(c.documents), any(c.filings), any(c.cells), any(c.findings),
			any(c.statements), any(c.decisions), any(a.assessments)
		FROM batches AS c LEFT JOIN (SELECT batch, count() AS assessments FROM assessments GROUP BY batch) AS a ON c.batch = a.batch
		WHERE c.batch IN (SELECT batch FROM `+committedBatches(until)+`) GROUP BY c.batch
		HAVING at > fromUnixTimestamp64Micro({after:Int64}, 'UTC') ORDER BY at, batch`, append(moment(until), microseconds("after", after))...)
	if err != nil {
		return nil, fmt.Errorf("list commits: %w", short(err))
	}
	defer rows.Close()
	var list []Commit
	for rows.Next() {
		var c Commit
		var documents, filings, findings, statements, decisions uint32
		var cells, assessments uint64
		if err := rows.Scan(&c.Batch, &c.At, &c.By, &c.Program, &documents, &filings, &cells, &findings, &statements, &decisions, &assessments); err != nil {
			return nil, fmt.Errorf("list commits: %w", err)
		}
		c.At = c.At.UTC()
		c.Documents, c.Filings, c.Cells, c.Findings = int(documents), int(filings), int(cells), int(findings)
		c.Statements, c.Decisions, c.Assessments = int(statements), int(decisions), int(assessments)
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list commits: %w", short(err))
	}
	return list, nil
}

// Assessed counts the outcomes of the checks of a filing.
type Assessed struct {
	Filing                                              string
	Pass, Fail, Uncertain, NotAssessable, NotApplicable int
	Failed                                              []string // rules that fail, each once
	Digest                                              string   // see [Digest]
	Batch                                               string
}

// Total is the number of findings.
func (a Assessed) Total() int {
	return a.Pass + a.Fail + a.Uncertain + a.NotAssessable + a.NotApplicable
}

// Assessments reads the newest assessment of each filing of some years at a moment (the zero time meaning now), by
// filing, whether the filing is visible or not. No years mean all.
func (s *Store) Assessments(ctx context.Context, asOf time.Time, years ...int) (map[string]Assessed, error) {
	condition, args := Filter{Years: years}.where("agency")
	assessed, more := VisibleAssessments(asOf)
	rows, err := s.conn.Query(ctx, `SELECT filing, pass, fail, uncertain, not_assessable, not_applicable, failed, digest, batch
		FROM `+assessed+` WHERE `+condition, append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("read assessments: %w", short(err))
	}
	defer rows.Close()
	out := map[string]Assessed{}
	for rows.Next() {
		var a Assessed
		var n [5]uint32
		if err := rows.Scan(&a.Filing, &n[0], &n[1], &n[2], &n[3], &n[4], &a.Failed, &a.Digest, &a.Batch); err != nil {
			return nil, fmt.Errorf("read assessments: %w", err)
		}
		a.Pass, a.Fail, a.Uncertain, a.NotAssessable, a.NotApplicable = int(n[0]), int(n[1]), int(n[2]), int(n[3]), int(n[4])
		out[a.Filing] = a
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read assessments: %w", short(err))
	}
	return out, nil
}
