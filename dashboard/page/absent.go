package page

import "context"

// readAbsent reads how the agencies without a report for a year stand: not filed, not due, not obliged. It stays empty while there is
// no register, since nobody can be overdue then.
func (v *visit) readAbsent(ctx context.Context, year int) error {
	if year == 0 || v.at.IsZero() {
		return nil
	}
	m, err := v.matrixOf(ctx, year)
	if err != nil || m.Entries == 0 {
		return err
	}
	v.missing = map[string]filedState{}
	for _, l := range m.Lines {
		if l.Cells[0].Filing == "" {
			v.missing[l.Agency] = filedOf(v, l.Agency, l.Cells[0])
		}
	}
	return nil
}

// absent is how an agency without a report for the year of the page stands by the register, without words where nothing is known.
func (v *visit) absent(agency string) filedState { return v.missing[agency] }

// absence is the word for the report that an agency has not filed, and what to know about it.
func (v *visit) absence(agency string) (word, note string) {
	if s := v.absent(agency); s.Word != "" {
		return s.Word, s.Note
	}
	return v.say("state.not_filed"), v.say("state.not_filed.note")
}

// missingHeading is the heading of agencies without a report for the year.
func (v *visit) missingHeading() string {
	if v.missing != nil {
		return v.say("block.absent")
	}
	return v.say("block.missing")
}
