package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"nianbao/internal/access"
	"nianbao/internal/form"
	"nianbao/internal/observe"
	"nianbao/query/api"
)

// act carries out one kind of decision, from what was typed into its form.
type act func(ctx context.Context, v *visit, d *api.Decisions, in *typed) error

// typed is what was sent with a form.
type typed struct {
	Form    string // id of the form on the page
	Fields  map[string]string
	Message string // why it was refused
}

func (t *typed) get(name string) string { return strings.TrimSpace(t.Fields[name]) }

// refusal is an error that the person who typed can mend.
type refusal string

func (r refusal) Error() string { return string(r) }

// decisionForm is a form by which a person decides, folded in until it is opened.
type decisionForm struct {
	ID, Act string
	Title   string // what it does
	Action  string // address of the page
	Hidden  []field
	Fields  []field
	Submit  string
	Message string // why it was refused
	Open    bool
}

// field is a field of a form.
type field struct {
	ID, Name, Label, Value, Note string
	Type                         string // text, area, select, check
	Options                      []offer
	Groups                       []offers // in the place of Options, under headings
	List                         string   // id of a list of the page with what is proposed, in the place of Options
	Required                     bool
	Most                         int // characters
}

// offer is what a field may hold, or what it proposes.
type offer struct {
	Value, Text string
	Selected    bool
}

// offers are offers under a heading.
type offers struct {
	Label   string
	Options []offer
}

// Bounds on what is typed, in characters.
const (
	longestPerson = 100
	longestReason = 1000
	mostSent      = 64 << 10 // bytes
)

// visitor names what a page says of who asks: whether there are accounts and, where it has forms, in whose session.
func (v *visit) visitor() string {
	kind := "open"
	if !v.who.Open {
		kind = fmt.Sprint("signed in ", v.who.Name != "")
	}
	if v.who.MayDecideAny() {
		kind += fmt.Sprint(v.who.Name, v.who.Roles, v.who.CSRF)
	}
	return kind
}

// mayDecide tells whether the page offers forms: the present can be changed, the past cannot.
func (v *visit) mayDecide() bool {
	return v.site.decisions != nil && v.asOf.IsZero() && v.format == asHTML && v.who.MayDecideAny()
}

// form makes a form of the page; one without an id, which is not shown, if the visitor may not decide that. But for an assignment
// why is asked in each, and who decides where nobody signs in. What was typed and refused stands in it again.
func (v *visit) form(id, name, title, submit string, hidden []field, fields ...field) decisionForm {
	if !v.who.MayDecide(name) {
		return decisionForm{}
	}
	if v.who.CSRF != "" {
		hidden = append(hidden, field{Name: "csrf", Value: v.who.CSRF})
	}
	if v.who.Open {
		fields = append(fields, field{Name: "person", Label: v.say("form.person"), Type: "text", Required: true, Most: longestPerson})
	}
	if name != "assign" {
		fields = append(fields, field{Name: "reason", Label: v.say("form.reason"), Type: "area", Required: true, Most: longestReason})
	}
	f := decisionForm{ID: id, Act: name, Title: title, Submit: submit, Hidden: hidden, Fields: fields,
		Action: v.with(func(b *address) { b.asOf, b.format = time.Time{}, asHTML }).String()}
	for i := range f.Fields {
		x := &f.Fields[i]
		x.ID = id + "-" + x.Name
		if v.typed == nil || v.typed.Form != id {
			continue
		}
		x.Value = v.typed.Fields[x.Name]
		for k := range x.Options {
			x.Options[k].Selected = x.Options[k].Value == x.Value
		}
	}
	if v.typed != nil && v.typed.Form == id {
		f.Open, f.Message = true, v.typed.Message
	}
	return f
}

// decide takes a decision from a form and leads back to the page; what is refused is shown beside the form with what was
// typed. Forms of other sites are refused; where people sign in, the gate has looked at the token of the session besides.
func (s *site) decide(k kind) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		elements, ok := pathOf(c, "", asHTML)
		if !ok {
			s.missing(c)
			return
		}
		a, wrong := parseAddress(c.Request.URL.EscapedPath(), asHTML, c.Request.URL.Query(), k.parameters)
		if wrong == nil && !a.asOf.IsZero() {
			wrong = &problem{Parameter: "as_of", Value: c.Query("as_of"), Allowed: []string{a.say("error.present")}}
		}
		if wrong != nil {
			s.refuse(c, a, wrong)
			return
		}
		if s.decisions == nil || s.foreign.Check(c.Request) != nil || !api.OwnName(c.Request) {
			s.errorPage(c, http.StatusForbidden, a, a.say("error.forbidden"), a.say("error.forbidden.hint"), nil)
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, mostSent)
		if err := c.Request.ParseForm(); err != nil {
			s.errorPage(c, http.StatusBadRequest, a, a.say("error.form"), a.say("error.form.hint"), nil)
			return
		}
		in := read(c.Request.PostForm)
		if who := access.From(c.Request.Context()); !who.Open {
			in.Fields["person"] = who.Name
		}
		do := k.acts[in.get("act")]
		if do == nil {
			s.refuse(c, a, &problem{Parameter: "act", Value: in.get("act"), Allowed: actsOf(k)})
			return
		}
		ctx := c.Request.Context()
		v, _, err := s.visit(ctx, a, elements)
		if err != nil {
			s.unavailable(c, a, err)
			return
		}
		if err = in.check(a.lang); err == nil {
			err = s.carryOut(ctx, v, do, in)
		}
		var mine refusal
		switch {
		case err == nil && v.issued != "": // nobody can ask for it again
			s.build(c, k, v, http.StatusOK)
		case err == nil:
			c.Redirect(http.StatusSeeOther, a.String())
		case errors.As(err, &mine):
			in.Message = a.say("refused", mine.Error())
		case s.decisions.Refused(err) || s.decisions.Forbidden != nil && s.decisions.Forbidden(err):
			in.Message = a.say("refused", reasonOf(err))
		case errors.Is(err, errNothing):
			s.missing(c)
		default:
			id := observe.RequestID(c.Request.Context())
			s.log.Error("carry out decision", "request", id, "address", a.String(), "act", in.get("act"), "error", err)
			s.errorPage(c, http.StatusServiceUnavailable, a, a.say("error.decision", id), a.say("error.decision.hint"), nil)
		}
		if in.Message != "" {
			v.typed = in
			s.build(c, k, v, http.StatusUnprocessableEntity)
		}
	}
}

// carryOut takes a decision. A reader who goes away does not cut one off half way.
func (s *site) carryOut(ctx context.Context, v *visit, do act, in *typed) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Minute)
	defer cancel()
	defer func() { // what was decided is seen at once
		s.mu.Lock()
		s.state = state{}
		s.mu.Unlock()
	}()
	return do(ctx, v, s.decisions, in)
}

// reasonOf is what a refusal says, without the words for what was tried and that it was refused.
func reasonOf(err error) string {
	text := err.Error()
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		if errors.Unwrap(inner) == nil {
			return strings.TrimPrefix(text, inner.Error()+": ")
		}
		text = inner.Error()
	}
	return text
}

func read(values url.Values) *typed {
	in := &typed{Form: values.Get("form"), Fields: map[string]string{}}
	for name := range values {
		in.Fields[name] = strings.ReplaceAll(values.Get(name), "\r\n", "\n")
	}
	return in
}

// check looks at what every decision has.
func (t *typed) check(in lang) error {
	for _, text := range t.Fields {
		if !utf8.ValidString(text) {
			return refusal(in.say("refused.text"))
		}
	}
	switch n := utf8.RuneCountInString(t.get("reason")); {
	case t.get("person") == "":
		return refusal(in.say("refused.person"))
	case utf8.RuneCountInString(t.get("person")) > longestPerson:
		return refusal(in.say("refused.person.long", longestPerson))
	case t.get("reason") == "" && t.get("act") != "assign":
		return refusal(in.say("refused.reason"))
	case n > longestReason:
		return refusal(in.say("refused.reason.long", n, longestReason))
	}
	return nil
}

func actsOf(k kind) []string {
	var names []string
	for name := range k.acts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// valueTyped reads the value of a cell as people type it.
func (in lang) valueTyped(state, number string) (string, error) {
	if slices.Contains([]string{string(form.Blank), string(form.Dash), string(form.NA)}, state) {
		return state, nil
	}
	number = strings.ReplaceAll(strings.ReplaceAll(number, ",", ""), "，", "")
	if d, err := decimal.NewFromString(number); err != nil || d.Exponent() < -12 || len(number) > 30 || strings.ContainsAny(number, "eE") {
		return "", refusal(in.say("refused.value", short(number, 30)))
	}
	return number, nil
}

// yearTyped reads a year, 0 for none.
func (in lang) yearTyped(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < oldestYear || n > newestYear {
		return 0, refusal(in.say("refused.year", oldestYear, newestYear))
	}
	return n, nil
}
