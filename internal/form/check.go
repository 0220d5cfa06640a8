package form

// Severity ranks what a failing check means for those who use the figures. Only checks have one; measures never do.
type Severity string

// The severities, the gravest first.
const (
	Critical Severity = "critical" // the figures cannot be used for comparison as they stand
	Error    Severity = "error"    // something required is wrong or missing
	Warning  Severity = "warning"  // wrong in most cases; there are honest reasons
	Hint     Severity = "hint"     // unusual, worth a question, no mistake by itself
)

// Severities lists them, the gravest first.
var Severities = []Severity{Critical, Error, Warning, Hint}
