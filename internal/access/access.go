// Package access says who may do what: accounts of people, tokens of programs, their roles, and the agencies that they see.
//
// What flows in are statements that somebody with the right to make them made, kept by the warehouse; what flows out are a
// [Principal], whether it [Principal.May] do something, and the [Scope] that narrows what it sees. Secrets flow in as texts and
// out as hashes: a password by argon2id, the random secret of a token or session by SHA-256. The package holds values and
// decisions only; it opens nothing.
package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nianbao/internal/register"
)

// An Act is something that not everybody may do.
type Act string

// The acts.
const (
	See      Act = "see"      // pages, tables, files, within the scope
	Review   Act = "review"   // decide about findings
	Correct  Act = "correct"  // propose, repeat and retract corrections; save sets
	Approve  Act = "approve"  // corrections of others; withdraw and restore filings
	Load     Act = "load"     // hand in files, say whose waiting files are
	Register Act = "register" // say which agency a printed name is; import
	Boards   Act = "boards"   // make boards and displays
	Journal  Act = "journal"  // read who did and downloaded what
	Accounts Act = "accounts" // make and end accounts and tokens
	Metrics  Act = "metrics"  // the counters of the program
)

// A Role is a bundle of acts.
type Role string

// The roles.
const (
	Viewer        Role = "viewer"
	Reviewer      Role = "reviewer"
	Approver      Role = "approver"
	Administrator Role = "administrator"
	Auditor       Role = "auditor"
)

// Roles says which acts belong to each role. Who administers does not decide about reports; who audits changes nothing.
var Roles = []struct {
	Role    Role
	Chinese string
	Acts    []Act
}{
	{Viewer, "查看", []Act{See}},
	{Reviewer, "核对", []Act{See, Review, Correct}},
	{Approver, "审批", []Act{See, Review, Correct, Approve, Load}},
	{Administrator, "管理", []Act{See, Load, Register, Boards, Journal, Accounts, Metrics}},
	{Auditor, "审计", []Act{See, Journal}},
}

// ParseRole reads the code of a role.
func ParseRole(text string) (Role, error) {
	var codes []string
	for _, r := range Roles {
		if string(r.Role) == text {
			return r.Role, nil
		}
		codes = append(codes, string(r.Role))
	}
	return "", fmt.Errorf("role %q, want %s", text, strings.Join(codes, ", "))
}

func (r Role) may(act Act) bool {
	return slices.ContainsFunc(Roles, func(line struct {
		Role    Role
		Chinese string
		Acts    []Act
	}) bool {
		return line.Role == r && slices.Contains(line.Acts, act)
	})
}

// Everywhere are the acts that touch what belongs to no agency: who sees some agencies alone may not do them.
var everywhere = []Act{Load, Register, Boards, Journal, Accounts, Metrics}

// Scope says which agencies are seen: those of the regions and of everything below them, and those named. The zero value
// is all agencies.
type Scope struct {
	Regions  []string `json:"regions,omitempty"`  // codes
	Agencies []string `json:"agencies,omitempty"` // codes
}

// All reports whether every agency is seen.
func (s Scope) All() bool { return len(s.Regions) == 0 && len(s.Agencies) == 0 }

// Covers reports whether an agency is seen, by its code and that of the region it lies in ("" if nobody knows: seen by those alone
// who see everything, or the agency by its code).
func (s Scope) Covers(agency, region string) bool {
	return s.All() || slices.Contains(s.Agencies, agency) || slices.ContainsFunc(s.Regions, func(above string) bool { return within(region, above) })
}

// within reports whether a region lies in another, or is it, by its own code or by that of what it has become.
func within(region, above string) bool {
	return below(region, above) || below(register.CurrentRegion(register.Division(region)), above)
}

// below compares codes: of a division the first two digits name the province, four the city; what lies in a division begins
// with its code.
func below(region, above string) bool {
	switch {
	case region == "":
		return false
	case above == country:
		return true
	case len(above) == len(country) && strings.HasSuffix(above, "0000"):
		return strings.HasPrefix(region, above[:2])
	case len(above) == len(country) && strings.HasSuffix(above, "00"):
		return strings.HasPrefix(region, above[:4])
	}
	return strings.HasPrefix(region, above)
}

// country is the code of the whole country.
const country = "100000"

// Check reports codes that are none.
func (s Scope) Check() error {
	for _, r := range s.Regions {
		if !register.ValidRegion(r) {
			return fmt.Errorf("region %q: no code of GB/T 2260", r)
		}
	}
	for _, a := range s.Agencies {
		if !register.ValidCode(a) {
			return fmt.Errorf("agency %q: no code", a)
		}
	}
	return nil
}

// String names the scope: the same for scopes that see the same.
func (s Scope) String() string {
	if s.All() {
		return "all"
	}
	return strings.Join(append(prefixed("region ", s.Regions), prefixed("agency ", s.Agencies)...), ", ")
}

func prefixed(prefix string, list []string) []string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	for i := range list {
		list[i] = prefix + list[i]
	}
	return list
}

// A Principal is who asks: a person who signed in, or a program with a token.
type Principal struct {
	Name  string // as decisions and the journal keep it
	Roles []Role
	Scope Scope
	// Open is set where nobody has an account and the service listens on this machine alone: everything is allowed, and
	// decisions ask for a name.
	Open bool
}

// May reports whether the principal may do something, to what it sees.
func (p Principal) May(act Act) bool {
	if p.Open {
		return true
	}
	if !p.Scope.All() && slices.Contains(everywhere, act) {
		return false
	}
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.may(act) })
}

// A Visit is a request of a principal.
type Visit struct {
	Principal
	// CSRF is the text that forms of the session carry, "" without a session.
	CSRF string
}

type key struct{}

// With puts the visit into the context of its request.
func With(ctx context.Context, v Visit) context.Context { return context.WithValue(ctx, key{}, v) }

// From is the visit of a request; one that passed no gate is open.
func From(ctx context.Context) Visit {
	v, ok := ctx.Value(key{}).(Visit)
	if !ok {
		v.Open = true
	}
	return v
}
