package register

import "time"

// DueRule is a rule on the last day for a report.
type DueRule struct {
	Month  time.Month // of the year after the reporting year
	Day    int
	Name   string // Chinese
	Source string
}

// The due rules.
var (
	ByJanuary = DueRule{time.January, 31, "次年1月31日", "《政府信息公开条例》第四十九条第一款"}
	ByMarch   = DueRule{time.March, 31, "次年3月31日", "《政府信息公开条例》第四十九条第二款"}
)

// In is the last day for the report on a year.
func (r DueRule) In(year int) time.Time { return date(year+1, r.Month, r.Day) }

// Due is the last day on which the agency's report for the year is on time: the exception's, else that of its kind.
func (r *Register) Due(agency string, year int) time.Time {
	if o, ok := r.obligations[agencyYear{agency, year}]; ok && !o.Due.IsZero() {
		return o.Due
	}
	return r.agencies[agency].Kind.Rule().Due.In(year)
}

// State says how the report of an agency for a year stands.
type State string

// The states of a report, as in the matrix of the register.
const (
	OnTime      State = "on_time"      // published, or held here, on the due day or before
	Late        State = "late"         // published after the due day
	DateUnknown State = "date_unknown" // held, but the day of publication is not known
	NotFiled    State = "not_filed"    // due and not held
	NotDue      State = "not_due"      // not held and not due yet
	NotObliged  State = "not_obliged"  // the body has no duty for the year
)

// States are the states in the order in which pages list them.
var States = []State{OnTime, Late, DateUnknown, NotFiled, NotDue, NotObliged}

// Filed is what is known of the arrival of a report. The signature does not count: reports are signed before their
// year has ended.
type Filed struct {
	Held      bool      // a report is held
	Published time.Time // day of publication as the page prints it, zero not known
	Received  time.Time // moment at which it was loaded
}

// Standing is how a report stands, and by how much.
type Standing struct {
	State State
	Due   time.Time // last day; zero where State is NotObliged
	Days  int       // days after the due day, where State is Late or NotFiled
}

// Standing judges the report of an agency for a year at a moment. A report that was held here on the due day was on
// time whatever date it prints; one that arrived later may have been published long before. A printed date that lies
// before the end of the year on which the report is cannot be that of its publication.
func (r *Register) Standing(agency string, year int, filed Filed, now time.Time) Standing {
	if obliged, _ := r.Obliged(agency, year); !obliged {
		return Standing{State: NotObliged}
	}
	s := Standing{Due: r.Due(agency, year)}
	published := filed.Published
	if published.Before(date(year+1, time.January, 1)) {
		published = time.Time{}
	}
	switch today := day(now); {
	case filed.Held && !filed.Received.IsZero() && !day(filed.Received).After(s.Due),
		filed.Held && !published.IsZero() && !published.After(s.Due):
		s.State = OnTime
	case filed.Held && published.IsZero():
		s.State = DateUnknown
	case filed.Held:
		s.State, s.Days = Late, days(s.Due, published)
	case today.After(s.Due):
		s.State, s.Days = NotFiled, days(s.Due, today)
	default:
		s.State = NotDue
	}
	return s
}

// Obliged tells whether the agency has to file for a year, and for what reason not, or why in spite of the rule.
//
// By rule a body files for a year if its kind files, if it existed on the last day of the year, and if it still did on the
// due day. Where a body ended in between, the bodies that its links lead to file in its place, even when they are younger.
// A body that is not in the register has no duty by it, nor has a provisional entry: nobody stated that there is such a
// body, and a misprinted name must not become one that never files.
func (r *Register) Obliged(agency string, year int) (bool, string) {
	a, ok := r.agencies[agency]
	if !ok {
		return false, "不在名录中"
	}
	if code, linked := a.SameAs(); linked {
		return false, "已归并到 " + code
	}
	if Provisional(agency) {
		return false, "名称尚未确认"
	}
	if o, ok := r.obligations[agencyYear{agency, year}]; ok {
		return o.Obliged, o.Reason
	}
	end, due := date(year, time.December, 31), r.Due(agency, year)
	switch {
	case !a.Kind.Rule().Obliged:
		return false, a.Kind.Rule().Name + "不报"
	case !a.To.IsZero() && a.To.Before(due):
		return false, "已于 " + a.To.Format(time.DateOnly) + " 撤销"
	case a.From.IsZero() || !a.From.After(end):
		return true, ""
	}
	for _, code := range r.predecessors[agency] {
		p := r.agencies[code]
		if within(p.From, p.To, end, end) && !p.To.IsZero() && p.To.Before(r.Due(code, year)) {
			return true, "接续 " + p.NameIn(year)
		}
	}
	return false, a.From.Format(time.DateOnly) + " 成立"
}

// china is the time of the calendar days in the register.
var china = time.FixedZone("UTC+8", 8*60*60)

// day is the calendar day in China of a moment.
func day(moment time.Time) time.Time {
	y, m, d := moment.In(china).Date()
	return date(y, m, d)
}

func days(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }
