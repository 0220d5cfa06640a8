package form

import (
	"encoding/json"

	"github.com/shopspring/decimal"
)

// State says what a cell of a report holds. The six states and the absence of the cell are seven different things
// and stay so from the file to the chart: none is ever turned into another, and none but Number has a value.
type State string

// The states of a cell that exists. A cell that does not exist in the report has no state: it is absent.
const (
	Number    State = "number"    // a number was read, exactly
	Blank     State = "blank"     // the cell is empty
	Dash      State = "dash"      // a placeholder: - — / 无
	NA        State = "na"        // 不适用
	Text      State = "text"      // words that are no number
	Ambiguous State = "ambiguous" // several readings fit, or one that could not be confirmed; see Candidates
)

// Position says where in the file something stands. All counts start at 1; 0 means that the format has no such thing.
type Position struct {
	Page   int `json:"page,omitempty"`
	Grid   int `json:"grid,omitempty"`   // the table within the document, in reading order
	Row    int `json:"row,omitempty"`    // the row within the grid
	Column int `json:"column,omitempty"` // the column within the grid, merged cells by their first
	Line   int `json:"line,omitempty"`   // the line of a text file
}

// Cell is one cell of a report as it was read.
type Cell struct {
	Key
	// Value is the exact printed number where State is Number, else zero and without meaning.
	Value decimal.Decimal
	State State
	Raw   string   // the text of the cell as it stands in the file
	Unit  string   // unit printed inside the cell (元, 万元), "" if none; Value is already in the unit of the column
	At    Position // where it stands
	Rule  string   // the reading rule that found it
	// Candidates are the numbers that an ambiguous cell may hold, as decimal strings.
	Candidates []string
	// SettledBy is the identity that holds exactly when this blank cell counts as 0, "" if none does.
	// The cell stays blank; only measures may use the 0, and they say so.
	SettledBy string
}

type cellJSON struct {
	Key
	Value      *string  `json:"value"`
	State      State    `json:"state"`
	Raw        string   `json:"raw"`
	Unit       string   `json:"unit,omitempty"`
	At         Position `json:"at"`
	Rule       string   `json:"rule,omitempty"`
	Candidates []string `json:"candidates,omitempty"`
	SettledBy  string   `json:"settled_by,omitempty"`
}

// MarshalJSON writes the value as a decimal string, or null where there is no number.
func (c Cell) MarshalJSON() ([]byte, error) {
	out := cellJSON{Key: c.Key, State: c.State, Raw: c.Raw, Unit: c.Unit, At: c.At, Rule: c.Rule, Candidates: c.Candidates, SettledBy: c.SettledBy}
	if c.State == Number {
		s := c.Value.String()
		out.Value = &s
	}
	return json.Marshal(out)
}

// Status says how far a file could be read.
type Status string

// The three outcomes of reading a file.
const (
	Read     Status = "read"     // a report, every cell of its tables has a state that is not Ambiguous and none is missing
	Partial  Status = "partial"  // a report, but cells, a table, the agency or the year are missing or unsettled; problems say which
	Rejected Status = "rejected" // no report, or not readable; nothing of it enters the warehouse
)

// Problem is something that went wrong in reading a file, with a code for programs and a message for people.
type Problem struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	At      Position `json:"at,omitzero"`
}

// Agency is the body that made the report, as far as the document tells.
type Agency struct {
	Name     string     `json:"name"`             // as printed, "" if the document does not tell
	Region   string     `json:"region,omitempty"` // GB/T 2260 code, "" if not known
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Evidence is one reason to believe a reading.
type Evidence struct {
	From   string   `json:"from"`             // title, heading, table, signature, file name …
	Text   string   `json:"text"`             // the words
	Weight int      `json:"weight,omitempty"` // how much it counts: 5 for a title on the page, 1 for the subject of a sentence
	At     Position `json:"at,omitzero"`
}

// Claim is a number stated in the running text, with the sentence it stands in.
type Claim struct {
	Concept string          `json:"concept"` // code of one of [Concepts]
	Value   decimal.Decimal `json:"value"`   // in Unit; 0 also where words say so (未收到)
	// Unit is the concept's, or % where the text states the concept's share in all answers (办结总数).
	Unit     string   `json:"unit,omitempty"`
	Raw      string   `json:"raw,omitempty"`    // the printed figure or the words that stand for 0
	Approx   bool     `json:"approx,omitempty"` // stated as 约, 余 or in 万: at least one digit is not known
	Sentence string   `json:"sentence"`
	At       Position `json:"at,omitzero"`
}

// Part is one of the six numbered parts of a report (一 to 六), or the text before them, as words.
type Part struct {
	Code  string   `json:"code"`  // section1 … section6; "" for what stands before the first of them
	Title string   `json:"title"` // the heading as printed, "" if none was found
	Text  string   `json:"text"`  // the paragraphs, one a line; tables are left out
	At    Position `json:"at,omitzero"`
}

// Scope says whose figures a report holds.
type Scope string

// The scopes.
const (
	ScopeOwn       Scope = "own"       // the body's own figures
	ScopeAggregate Scope = "aggregate" // a government's report that sums up its departments and lower levels
	ScopeUnknown   Scope = "unknown"
)

// Filing is what was read from one file: one version of one agency's report for one year.
type Filing struct {
	File         string             `json:"file"`
	SHA256       string             `json:"sha256"` // of the file's bytes, lower-case hexadecimal
	MediaType    string             `json:"media_type"`
	Status       Status             `json:"status"`
	Problems     []Problem          `json:"problems"`
	Agency       Agency             `json:"agency"`
	Year         int                `json:"year,omitempty"` // the reporting year, 0 if not known
	YearEvidence []Evidence         `json:"year_evidence,omitempty"`
	Title        string             `json:"title"`
	Scope        Scope              `json:"scope"`
	Signed       string             `json:"signed,omitempty"`    // date of the signature, YYYY-MM-DD
	Published    string             `json:"published,omitempty"` // date of publication printed on the page, YYYY-MM-DD
	Forms        map[string]Version `json:"forms"`               // table code → version of the form its words follow
	Cells        []Cell             `json:"cells"`
	Parts        []Part             `json:"parts,omitempty"` // the running text, in the order of the document
	Claims       []Claim            `json:"claims"`
	Findings     []Finding          `json:"findings"`
	// Synthetic says that the document declares itself made up, by carrying [SyntheticMark].
	Synthetic bool `json:"synthetic,omitempty"`
}

// SyntheticMark stands in every document made up for demonstration or test. Reading it marks the filing for good.
const SyntheticMark = "合成数据，非真实报告"

// Cell returns the cell with this key; ok is false if the report has none.
func (f *Filing) Cell(k Key) (c Cell, ok bool) {
	for _, c := range f.Cells {
		if c.Key == k {
			return c, true
		}
	}
	return Cell{}, false
}

// Outcome is the result of a check.
type Outcome string

// The outcomes of a check. None is ever left out in silence.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	Uncertain     Outcome = "uncertain"      // cells of it are ambiguous or words
	NotAssessable Outcome = "not_assessable" // cells of it are absent, or what it is compared with is not held
	NotApplicable Outcome = "not_applicable" // the check does not concern this body, form or year
)

// Finding is the result of one check at one place of a report.
type Finding struct {
	Rule       string  `json:"rule"`   // id of the identity or check, A1 …
	Status     Outcome `json:"status"` // named status in files
	Table      string  `json:"table,omitempty"`
	Place      string  `json:"place,omitempty"` // the row or column over which it was computed
	Expression string  `json:"expression"`      // with codes: NEW + CARRY_IN = R7 + CARRY_OUT
	// Left, Right and Delta (= Left − Right) are nil unless Status is Pass or Fail.
	Left  *decimal.Decimal `json:"left,omitempty"`
	Right *decimal.Decimal `json:"right,omitempty"`
	Delta *decimal.Decimal `json:"delta,omitempty"`
	Cells []Key            `json:"-"` // the cells it was computed from
	// Blanks are those of the cells that were blank and counted as 0.
	Blanks []Key `json:"-"`
	// Note says what was seen where numbers do not: the sentence, the dates, the passage that repeats.
	Note string `json:"note,omitempty"`
	// Against are the ids of the other filings that went into it: last year's, the members of an aggregate.
	Against []string `json:"against,omitempty"`
	// Basis is a digest of everything it was computed from, cells included. A person's decision about a finding holds
	// as long as the basis is the one that the person saw. Set when the finding is stored.
	Basis string `json:"basis,omitempty"`
}

// MarshalJSON writes cells as paths.
func (f Finding) MarshalJSON() ([]byte, error) {
	type plain Finding
	return json.Marshal(struct {
		plain
		Cells  []string `json:"cells"`
		Blanks []string `json:"used_blanks,omitempty"`
	}{plain(f), Paths(f.Cells), Paths(f.Blanks)})
}

// Paths writes keys as paths.
func Paths(keys []Key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}
