package page

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"nianbao/dashboard/words"
	"nianbao/internal/warehouse"
)

// journalPage is who took what away, and who came in. It grows without a commit, so that no reader may keep it.
var journalPage = kind{template: "journal.html", parameters: []string{"since", "page"}, build: buildJournal, live: true}

type journalContent struct {
	base
	Filters filters
	Rows    []journalRow
	Shown   string
	Pages   []link
	entries []warehouse.Entry
	total   int
}

type journalRow struct {
	At, Kind, Person, Client, What, AsOf, Rows, Outcome, Detail string
	SHA256                                                      string
	Broken                                                      bool
}

func buildJournal(ctx context.Context, v *visit) (content, error) {
	f := warehouse.JournalFilter{After: v.since, Before: v.asOf}
	if v.format == asHTML {
		f.Skip, f.Most = (v.page-1)*listed, listed
	}
	p := &journalContent{}
	var err error
	if p.entries, p.total, err = v.site.store.Journal(ctx, f); err != nil || v.format != asHTML {
		return p, err
	}
	from, to, err := v.rowsOn(p.total, listed)
	if err != nil {
		return nil, err
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.Head.Title = v.say("journal.title", number(int64(p.total)))
	p.Head.Line = v.say("journal.line")
	for i := range p.entries {
		e := &p.entries[i]
		r := journalRow{At: v.moment(e.At), Kind: v.journalKind(e.Kind), Person: e.Person, Client: e.Client, What: e.What, SHA256: e.SHA256, Outcome: v.say("journal.outcome." + e.Outcome),
			Detail: e.Detail, Broken: e.Outcome != warehouse.Done}
		if e.Person == "" {
			r.Person = v.say("journal.nobody")
		}
		if !e.AsOf.IsZero() {
			r.AsOf = v.moment(e.AsOf)
		}
		if e.Rows != nil {
			r.Rows = number(int64(*e.Rows))
		}
		p.Rows = append(p.Rows, r)
	}
	if len(p.Rows) > 0 {
		p.Shown = v.say("findings.shown", from+1, to, number(int64(p.total)))
	}
	p.Pages = v.pages(p.total, listed)
	day := ""
	if !v.since.IsZero() {
		day = v.since.In(china).Format("2006-01-02T15:04:05Z07:00")
	}
	p.Filters = v.filtersOf(field{Name: "since", Label: v.say("filter.since"), Type: "text", Value: day, Most: 35})
	return p, nil
}

// journalKind is the word for a kind of entry, its code where there is none: others write entries, too.
func (v *visit) journalKind(kind string) string {
	if _, ok := words.Language(v.lang).Of("journal.kind." + kind); ok {
		return v.say("journal.kind." + kind)
	}
	return kind
}

// entryJSON is an entry as files have it.
type entryJSON struct {
	Number  uint64  `json:"number"`
	At      string  `json:"at"`
	Kind    string  `json:"kind"`
	Person  string  `json:"person"`
	Client  string  `json:"client"`
	What    string  `json:"what"`
	AsOf    string  `json:"as_of,omitempty"`
	Rows    *uint64 `json:"rows"`
	Bytes   uint64  `json:"bytes"`
	SHA256  string  `json:"sha256,omitempty"`
	Outcome string  `json:"outcome"`
	Detail  string  `json:"detail,omitempty"`
	Program string  `json:"program"`
	Hash    string  `json:"hash"`
}

func entryOf(e *warehouse.Entry) entryJSON {
	j := entryJSON{Number: e.Number, At: e.At.Format(time.RFC3339Nano), Kind: e.Kind, Person: e.Person, Client: e.Client, What: e.What, Rows: e.Rows, Bytes: e.Bytes, SHA256: e.SHA256, Outcome: e.Outcome,
		Detail: e.Detail, Program: e.Program, Hash: e.Hash}
	if !e.AsOf.IsZero() {
		j.AsOf = e.AsOf.Format(time.RFC3339Nano)
	}
	return j
}

func (p *journalContent) json() ([]byte, error) {
	out := struct {
		Total   int         `json:"total"`
		Entries []entryJSON `json:"entries"`
	}{p.total, []entryJSON{}}
	for i := range p.entries {
		out.Entries = append(out.Entries, entryOf(&p.entries[i]))
	}
	return json.Marshal(out)
}

func (p *journalContent) sheet() sheet {
	s := sheet{header: []string{"number", "at", "kind", "person", "client", "what", "as_of", "rows", "bytes", "sha256", "outcome", "detail", "program", "hash"}}
	for i := range p.entries {
		e := entryOf(&p.entries[i])
		rows := value{}
		if e.Rows != nil {
			rows = plainText(strconv.FormatUint(*e.Rows, 10))
		}
		s.rows = append(s.rows, []value{plainText(strconv.FormatUint(e.Number, 10)), plainText(e.At), plainText(e.Kind), said(e.Person), said(e.Client), said(e.What), plainText(e.AsOf), rows,
			plainText(strconv.FormatUint(e.Bytes, 10)), plainText(e.SHA256), plainText(e.Outcome), said(e.Detail), plainText(e.Program), plainText(e.Hash)})
	}
	return s
}
