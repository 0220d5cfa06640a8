package warehouse

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/register"
)

// A history is everything that was ever committed, in order, kept in memory: what the warehouse has to agree with.
type history struct {
	batches []Batch
	at      []time.Time
}

// A state is what was known at a moment, in one text, so that two states are the same if their texts are.
//
// It is computed here by walking through the batches in order, with none of the warehouse's code.
func (h *history) state(asOf time.Time) string {
	type version struct {
		id, agency string
		year       int
		cells      []form.Cell
	}
	var (
		versions    []version
		withdrawn   = map[string]bool{}
		same        = map[string]string{}
		agencies    = map[string]string{}
		obligations = map[string]string{}
		corrections = map[string]CorrectionAct{}
		order       []string // corrections by the time from which they hold
		ended       = map[string]bool{}
		reviews     []Review
		waiting     = map[string]bool{}
		sets        = map[string]Set{}
		findings    = map[string]string{}
	)
	for i, b := range h.batches {
		if h.at[i].After(asOf) {
			break
		}
		for _, s := range b.Submissions {
			versions = append(versions, version{s.Filing.ID, s.Filing.Agency, s.Filing.Year, s.Cells})
			findings[s.Filing.ID] = b.ID
			delete(waiting, s.Filing.SHA256)
		}
		for _, a := range b.Assessments {
			findings[a.Filing] = b.ID
		}
		for _, a := range b.Agencies {
			agencies[a.Code] = a.Names[0].Text
			same[a.Code] = ""
			for _, l := range a.Links {
				same[a.Code] = l.Other
			}
		}
		for _, o := range b.Obligations {
			obligations[fmt.Sprint(o.Agency, o.Year)] = fmt.Sprint(o.Obliged, o.Due.Format(time.DateOnly), o.Reason)
		}
		for _, w := range b.Withdrawals {
			withdrawn[w.Filing] = w.Act == Withdraw
		}
		for _, c := range b.Corrections {
			proposal := corrections[c.Correction]
			switch {
			case c.Act == Propose:
				corrections[c.Correction] = c
				if !c.Two {
					order = append(order, c.Correction)
				}
			case c.Act == Withdraw:
				ended[c.Correction] = true
			case c.Act == Approve && proposal.Two && !slices.Contains(order, c.Correction):
				order = append(order, c.Correction)
			}
		}
		reviews = append(reviews, slices.SortedFunc(slices.Values(b.Reviews), func(a, b Review) int { return cmp.Compare(a.ID, b.ID) })...)
		for _, w := range b.Waiting {
			waiting[w.SHA256] = w.Act == Wait && !slices.ContainsFunc(versions, func(v version) bool { return v.id == w.SHA256[:26] })
		}
		for _, s := range b.Sets {
			sets[s.Name] = s
		}
	}
	resolve := func(code string) string {
		for same[code] != "" {
			code = same[code]
		}
		return code
	}
	visible, count := map[string]version{}, map[string]int{}
	for _, v := range versions {
		key := fmt.Sprintf("%s %d", resolve(v.agency), v.year)
		count[key]++
		if !withdrawn[v.id] {
			visible[key] = v
		}
	}
	var lines []string
	for key, v := range visible {
		over := map[string]string{}
		for _, id := range order {
			if c := corrections[id]; c.Filing == v.id && !ended[id] {
				over[c.Key.String()] = text(c.State, c.Value)
			}
		}
		var cells []string
		for _, c := range v.cells {
			value := text(c.State, c.Value)
			if o, ok := over[c.Key.String()]; ok {
				value = o
			}
			cells = append(cells, c.Key.String()+"="+value)
		}
		slices.Sort(cells)
		lines = append(lines, fmt.Sprintf("filing %s %s as %s: %v; findings of %s", key, v.id, v.agency, cells, findings[v.id]))
	}
	for key, n := range count {
		lines = append(lines, fmt.Sprintf("versions %s: %d", key, n))
	}
	for code, name := range agencies {
		lines = append(lines, fmt.Sprintf("agency %s %s is %s", code, name, resolve(code)))
	}
	for key, o := range obligations {
		lines = append(lines, "obligation "+key+" "+o)
	}
	decided := map[string]string{}
	for _, r := range reviews {
		r.Agency = resolve(r.Agency)
		decided[fmt.Sprint(r.FindingKey)] = r.Decision + r.Basis
	}
	for key, r := range decided {
		lines = append(lines, "review "+key+" "+r)
	}
	for sum, is := range waiting {
		if is {
			lines = append(lines, "waiting "+sum)
		}
	}
	for name, s := range sets {
		if s.Act == Save {
			lines = append(lines, fmt.Sprint("set ", name, s.Members, s.Reason, s.Person))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func text(state form.State, value decimal.Decimal) string {
	if state == form.Number {
		return value.String()
	}
	return string(state)
}

// stateOf is the same text from the warehouse.
func stateOf(t *testing.T, s *Store, asOf time.Time) string {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	filings, err := s.Filings(ctx, asOf, Filter{})
	must(err)
	corrections, err := s.Corrections(ctx, asOf, Filter{})
	must(err)
	assessed, err := s.Assessments(ctx, asOf)
	must(err)

	// All cells of the visible filings with the corrections in force, in one query as the read side makes it.
	visible, args := VisibleFilings(asOf)
	corrected, _ := CorrectedCells(asOf)
	rows, err := s.Conn().Query(ctx, `SELECT filing, concat(tbl, '.', row, '.', col), state, value FROM (
			SELECT filing, tbl, row, col, toString(state) AS state, value FROM cells WHERE (filing, tbl, row, col) NOT IN (SELECT filing, tbl, row, col FROM `+corrected+`)
			UNION ALL SELECT filing, tbl, row, col, toString(state), value FROM `+corrected+`)
		WHERE filing IN (SELECT filing FROM `+visible+`)`, args...)
	must(err)
	inSQL := map[string][]string{}
	for rows.Next() {
		var filing, key, state string
		var value *decimal.Decimal
		must(rows.Scan(&filing, &key, &state, &value))
		if value == nil {
			value = &decimal.Zero
		}
		inSQL[filing] = append(inSQL[filing], key+"="+text(form.State(state), *value))
	}
	must(rows.Err())
	rows.Close()

	rows, err = s.Conn().Query(ctx, `SELECT filing, agency, held_as FROM `+visible+` ORDER BY year, agency`, args...)
	must(err)
	var counted []string
	for rows.Next() {
		var filing, agency, heldAs string
		must(rows.Scan(&filing, &agency, &heldAs))
		counted = append(counted, filing+" "+agency+" "+heldAs)
	}
	must(rows.Err())
	rows.Close()
	if listed := all(filings, func(f Filing) string { return f.ID + " " + f.Agency + " " + f.HeldAs }); !slices.Equal(listed, counted) {
		t.Errorf("as of %s: the ledger counts filings %v, the engine %v", asOf, listed, counted)
	}

	contents, err := s.Contents(ctx, filings, Wanted{})
	must(err)
	for _, f := range filings {
		var of []Correction
		for _, c := range corrections {
			if c.Filing == f.ID {
				of = append(of, c)
			}
		}
		overlaid, _ := Overlay(contents[f.ID].Cells, of)
		var texts []string
		for _, c := range overlaid {
			texts = append(texts, c.Key.String()+"="+text(c.State, c.Value))
		}
		slices.Sort(texts)
		slices.Sort(inSQL[f.ID])
		if !slices.Equal(texts, inSQL[f.ID]) {
			t.Errorf("as of %s: cells of filing %s by overlay %v, by SQL %v", asOf, f.ID, texts, inSQL[f.ID])
		}
		lines = append(lines, fmt.Sprintf("filing %s %d %s as %s: %v; findings of %s", f.Agency, f.Year, f.ID, f.HeldAs, texts, assessed[f.ID].Batch))
	}
	reg, err := s.Register(ctx, asOf)
	must(err)
	for _, a := range reg.Agencies() {
		lines = append(lines, fmt.Sprintf("agency %s %s is %s", a.Code, a.Names[0].Text, reg.Resolve(a.Code)))
	}
	for _, o := range reg.Obligations() {
		lines = append(lines, "obligation "+fmt.Sprint(o.Agency, o.Year)+" "+fmt.Sprint(o.Obliged, o.Due.Format(time.DateOnly), o.Reason))
	}
	ledger, err := s.Ledger(ctx, asOf)
	must(err)
	versions, err := ledger.all(ctx, Filter{})
	must(err)
	count := map[string]int{}
	for _, v := range versions {
		key := fmt.Sprintf("versions %s %d", v.Agency, v.Year)
		if count[key]++; v.Version != count[key] {
			t.Errorf("as of %s: %s: number %d is called %d", asOf, key, count[key], v.Version)
		}
	}
	for key, n := range count {
		lines = append(lines, fmt.Sprintf("%s: %d", key, n))
	}
	reviews, err := s.Reviews(ctx, asOf, Filter{})
	must(err)
	last := map[string]string{}
	for _, r := range reviews {
		last[fmt.Sprint(r.FindingKey)] = r.Decision + r.Basis
	}
	for key, r := range last {
		lines = append(lines, "review "+key+" "+r)
	}
	waiting, err := s.Waiting(ctx, asOf)
	must(err)
	for _, w := range waiting {
		lines = append(lines, "waiting "+w.SHA256)
	}
	sets, err := s.Sets(ctx, asOf)
	must(err)
	for _, set := range sets {
		lines = append(lines, fmt.Sprint("set ", set.Name, set.Members, set.Reason, set.Person))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var (
	historyCodes = []string{"a", "b", "c", "x000000000001", "x000000000002", "x000000000003"}
	historyYears = []int{2022, 2023}
)

// next makes up a batch of events that go on from what was committed before.
func (h *history) next(r *rand.Rand, events int) Batch {
	b := Batch{ID: newID(), By: "tester"}
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var held []Submission
	for _, before := range h.batches {
		held = append(held, before.Submissions...)
	}
	var proposals []CorrectionAct
	for _, before := range h.batches {
		for _, c := range before.Corrections {
			if c.Act == Propose {
				proposals = append(proposals, c)
			}
		}
	}
	stated := map[string]bool{}
	for range events {
		kind := r.IntN(13)
		if len(held) == 0 {
			kind = 0
		}
		var of Submission
		if len(held) > 0 {
			of = held[r.IntN(len(held))]
		}
		person := pick("张三", "李四")
		switch kind {
		case 0, 1, 2:
			s := submit(historyCodes[r.IntN(len(historyCodes))], historyYears[r.IntN(len(historyYears))], sha(pick("a", "b", "c", "d", "e")))
			for _, row := range []string{"NEW", "R1", "R7"} {
				state := []form.State{form.Number, form.Blank, form.Ambiguous}[r.IntN(3)]
				s.Cells = append(s.Cells, form.Cell{Key: form.Key{Table: form.Section3, Row: row, Column: "total"}, State: state, Value: decimal.NewFromInt(int64(r.IntN(90)))})
			}
			s.Findings = []form.Finding{{Rule: "A1", Table: form.Section3, Place: "total", Status: form.Pass, Basis: pick("p", "q")}}
			s.Filing.SHA256 = s.Filing.ID + strings.Repeat("0", 38)
			b.Submissions = append(b.Submissions, s)
		case 3:
			if !slices.ContainsFunc(b.Assessments, func(a Assessment) bool { return a.Filing == of.Filing.ID }) {
				b.Assessments = append(b.Assessments, Assessment{of.Filing.ID, of.Filing.Agency, of.Filing.Year, []form.Finding{{Rule: "A1", Status: form.Fail, Basis: newID()}}})
			}
		case 4, 5:
			b.Corrections = append(b.Corrections, CorrectionAct{Correction: newID(), Act: Propose, Filing: of.Filing.ID, Agency: of.Filing.Agency, Year: of.Filing.Year,
				Key: of.Cells[r.IntN(3)].Key, State: []form.State{form.Number, form.Blank}[r.IntN(2)], Value: decimal.NewFromInt(int64(100 + r.IntN(90))),
				Two: r.IntN(2) == 0, Reason: "核对原件", Person: person})
		case 6, 7:
			if len(proposals) > 0 {
				act := proposals[r.IntN(len(proposals))]
				act.Act, act.Person = pick(Approve, Approve, Withdraw), person
				if !slices.ContainsFunc(b.Corrections, func(c CorrectionAct) bool { return c.Correction == act.Correction }) {
					b.Corrections = append(b.Corrections, act)
				}
			}
		case 8:
			b.Reviews = append(b.Reviews, Review{ID: newID(), Decision: Decisions[r.IntN(len(Decisions))], Filing: of.Filing.ID,
				FindingKey: FindingKey{of.Filing.Agency, of.Filing.Year, "A1", form.Section3, pick("total", "natural")}, Basis: pick("p", "q"), Reason: "年中合并", Person: person})
		case 9:
			if !slices.ContainsFunc(b.Withdrawals, func(w Withdrawal) bool { return w.Filing == of.Filing.ID }) {
				b.Withdrawals = append(b.Withdrawals, Withdrawal{Filing: of.Filing.ID, Act: pick(Withdraw, Restore), Reason: "误报", Person: person})
			}
		case 10:
			code := historyCodes[r.IntN(len(historyCodes))]
			if stated[code] {
				continue
			}
			stated[code] = true
			a := register.Agency{Code: code, Names: []register.Name{{Text: pick("科技局", "教育局") + newID()[20:], Kind: register.Full}}}
			if strings.HasPrefix(code, "x") && r.IntN(2) == 0 {
				a.Links = []register.Link{{Kind: register.Same, Other: pick("a", "b", "c")}}
			}
			b.Agencies = append(b.Agencies, AgencyStatement{a, ""})
			b.Obligations = []register.Obligation{{Agency: code, Year: 2023, Obliged: r.IntN(2) == 0, Due: time.Date(2024, 2, 1+r.IntN(28), 0, 0, 0, 0, time.UTC), Reason: pick("撤销", "")}}
		case 11:
			sum := newID() + strings.Repeat("0", 38)
			act := Wait
			if len(h.batches) > 3 && r.IntN(3) == 0 {
				if before := h.batches[r.IntN(len(h.batches))]; len(before.Waiting) > 0 {
					sum, act = before.Waiting[0].SHA256, Dismiss
				}
			}
			if !slices.ContainsFunc(b.Waiting, func(w WaitingFile) bool { return w.SHA256 == sum }) {
				b.Waiting = append(b.Waiting, WaitingFile{SHA256: sum, Act: act, File: "x.html", Person: person, ReceivedAt: time.Now()})
			}
		case 12:
			set := Set{Name: pick("重点单位", "窗口单位", "街镇"), Act: pick(Save, Save, Withdraw), Reason: pick("年度考核", ""), Person: person}
			if set.Act == Save {
				set.Members = append([]string{}, historyCodes[r.IntN(3):3+r.IntN(3)]...)
			}
			if !slices.ContainsFunc(b.Sets, func(s Set) bool { return s.Name == set.Name }) && (set.Act == Withdraw || len(set.Members) > 0) {
				b.Sets = append(b.Sets, set)
			}
		}
	}
	return b
}

// TestAnyPastStateStaysAsItWas commits a random history of a thousand events and compares what the warehouse says was
// known at random moments with a walk through the events in memory: as the history grows, after a restart, and after all
// parts were merged.
func TestAnyPastStateStaysAsItWas(t *testing.T) {
	data := t.TempDir()
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	s, err := Open(t.Context(), Options{Data: data, Program: "nianbao test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	r := rand.New(rand.NewPCG(11, 12))
	h := &history{}
	agree := func(when string, asOf time.Time) {
		t.Helper()
		if got, want := stateOf(t, s, asOf), h.state(asOf); got != want {
			t.Fatalf("%s, as of %s: the warehouse says\n%s\nthe history says\n%s", when, asOf.Format(time.RFC3339Nano), difference(got, want), difference(want, got))
		}
	}
	someMoment := func() time.Time {
		if r.IntN(8) == 0 {
			return h.at[0].Add(-time.Microsecond) // before everything
		}
		return h.at[r.IntN(len(h.at))].Add(time.Duration(r.IntN(2)-1) * time.Microsecond) // with a batch, and just before it
	}
	for events := 0; events < 1000; {
		n := 1 + r.IntN(25)
		b := h.next(r, n)
		events += n
		if len(b.Submissions)+len(b.Assessments)+len(b.Agencies)+len(b.Obligations)+len(b.Corrections)+len(b.Reviews)+len(b.Withdrawals)+len(b.Waiting)+len(b.Sets) == 0 {
			continue
		}
		res, err := s.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		h.batches, h.at = append(h.batches, b), append(h.at, res.CommittedAt)
		if len(h.batches)%20 == 0 {
			agree("while it grows", res.CommittedAt)
			agree("while it grows", someMoment())
		}
	}
	agree("now", time.Now().Add(time.Hour))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), Options{Data: data, Program: "nianbao test"}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		agree("after a restart", someMoment())
	}
	for _, table := range []string{"filings", "cells", "findings", "assessments", "agencies", "obligations", "corrections", "reviews", "withdrawals", "waiting", "sets", "boards", "displays", "batches"} {
		if err := s.Conn().Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL"); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		agree("after merging", someMoment())
	}
}

// difference lists the lines of a text that another lacks.
func difference(a, b string) string {
	in := map[string]bool{}
	for line := range strings.SplitSeq(b, "\n") {
		in[line] = true
	}
	var out []string
	for line := range strings.SplitSeq(a, "\n") {
		if !in[line] {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func TestLinksAreDrawnStraight(t *testing.T) {
	link := func(code, other string) register.Agency {
		a := register.Agency{Code: code, Names: []register.Name{{Text: code, Kind: register.Full}}}
		if other != "" {
			a.Links = []register.Link{{Kind: register.Same, Other: other}}
		}
		return a
	}
	tests := []struct {
		name   string
		held   []register.Agency
		stated []register.Agency
		want   map[string]string // code → where its link leads, of the statements
		fails  bool
	}{
		{"no link", nil, []register.Agency{link("a", "")}, map[string]string{"a": ""}, false},
		{"one link", []register.Agency{link("a", "")}, []register.Agency{link("x1", "a")}, map[string]string{"x1": "a"}, false},
		{"a link to a linked entry", []register.Agency{link("x1", "a"), link("a", "")}, []register.Agency{link("x2", "x1")}, map[string]string{"x2": "a"}, false},
		{"the entry of a link is linked", []register.Agency{link("x1", "x2"), link("x2", "")}, []register.Agency{link("x2", "a")}, map[string]string{"x1": "a", "x2": "a"}, false},
		{"a circle", []register.Agency{link("x1", "x2")}, []register.Agency{link("x2", "x1")}, nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stated, err := straight(register.New(test.held, nil), test.stated)
			if test.fails != (err != nil) {
				t.Fatalf("error %v, want one: %v", err, test.fails)
			}
			if err != nil {
				return
			}
			got := map[string]string{}
			for _, a := range stated {
				got[a.Code], _ = a.SameAs()
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("statements %v, want %v", got, test.want)
			}
		})
	}
}

func TestEntriesSurviveTheColumn(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, a := range []register.Agency{
		{Code: "a"},
		{Code: "370304-kjj", Kind: "department", Region: "370304", Parent: "370304", USCC: "11370304004223505X", From: day("1983-01-01"), To: day("2024-12-31"),
			Names: []register.Name{{Text: "示例区“科学”技术局", Kind: register.Full, From: day("2019-03-01")}, {Text: "科委\n", Kind: register.Former}},
			Links: []register.Link{{Kind: register.Successor, Other: "b", On: day("2025-01-01")}}, Page: "https://www.example.gov.cn/a?b=c&d", Scope: form.ScopeOwn},
	} {
		text, err := encodeAgency(a)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeAgency(text)
		if err != nil {
			t.Fatal(err)
		}
		first, _ := json.Marshal(a)
		second, _ := json.Marshal(back)
		if cmp.Compare(string(first), string(second)) != 0 {
			t.Errorf("entry %s came back as %s", first, second)
		}
	}
}
