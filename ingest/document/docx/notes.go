package docx

import (
	"fmt"

	"nianbao/ingest/document"
)

// readNotes appends the footnotes and endnotes that the text refers to, each with the number that stands in the text.
func (r *reader) readNotes(z *archive, main string, l document.Limits) error {
	if len(r.notes) == 0 {
		return nil
	}
	numbers := map[note]int{}
	for i, n := range r.notes {
		if _, again := numbers[n]; !again {
			numbers[n] = i + 1
		}
	}
	r.flow.Problem(document.Footnotes, fmt.Sprintf("%d notes stand at the end of the document, their marks as [1] in the text", len(numbers)))
	for _, kind := range []string{"footnote", "endnote"} {
		part, err := z.beside(main, kind+"s", kind+"s.xml")
		if err != nil {
			return err
		}
		b, err := z.read(part)
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		r.scanner = r.scan(part, b, l)
		for {
			t := r.next()
			if t == eof {
				break
			}
			if t != start || r.space != word || string(r.local()) != kind {
				continue
			}
			id, _ := r.attr(word, "id")
			n := numbers[note{kind, id}]
			if n == 0 {
				r.skip()
				continue
			}
			r.flow.Text(fmt.Sprintf("[%d] ", n))
			r.blocks()
		}
		if r.err != nil {
			return r.err
		}
	}
	return nil
}
