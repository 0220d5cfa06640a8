package recognise

import (
	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Explain is [Recognise] with the reasons: what was read the same way, and what was refused.
func Explain(doc *document.Document, name string) (form.Filing, *Trace) {
	trace := &Trace{}
	f := recognise(doc, name, trace)
	return f, trace
}

// Trace is what recognition did not take and why, and the witnesses it weighed, for a person who asks. It is nil in
// normal work; every method of a nil trace does nothing.
type Trace struct {
	Refusals []Refusal
	Choices  []Choice
	Agencies []Witness
	Years    []Witness
}

// Refusal is something printed that was not taken.
type Refusal struct {
	Where string // the table or part in whose reading it was refused, in Chinese
	Text  string
	At    form.Position
	Why   string
}

// Choice is a decision by words of the document.
type Choice struct {
	What  string // the table
	Taken string // the version of the form
	Words string // the words that decided
}

// Witness is an indication of the agency or the year with its weight.
type Witness struct {
	Value string
	form.Evidence
}

func (t *Trace) refuse(where, text string, at form.Position, why string) {
	if t != nil {
		t.Refusals = append(t.Refusals, Refusal{where, text, at, why})
	}
}

func (t *Trace) choose(what, taken, words string) {
	if t != nil {
		t.Choices = append(t.Choices, Choice{what, taken, words})
	}
}
