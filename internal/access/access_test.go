package access

import (
	"strings"
	"testing"
	"time"
)

func TestWhoMayDoWhat(t *testing.T) {
	district := Scope{Regions: []string{"370304"}}
	for _, c := range []struct {
		role Role
		may  string // acts, in the order of the constants
		some string // the same for who sees a district alone
	}{
		{Viewer, "see", "see"},
		{Reviewer, "see review correct", "see review correct"},
		{Approver, "see review correct approve load", "see review correct approve"},
		{Administrator, "see load register boards journal accounts metrics", "see"},
		{Auditor, "see journal", "see"},
		{"unheard of", "", ""},
	} {
		list := func(p Principal) string {
			var acts []string
			for _, a := range []Act{See, Review, Correct, Approve, Load, Register, Boards, Journal, Accounts, Metrics} {
				if p.May(a) {
					acts = append(acts, string(a))
				}
			}
			return strings.Join(acts, " ")
		}
		if got := list(Principal{Roles: []Role{c.role}}); got != c.may {
			t.Errorf("%s may %q, want %q", c.role, got, c.may)
		}
		if got := list(Principal{Roles: []Role{c.role}, Scope: district}); got != c.some {
			t.Errorf("%s of a district may %q, want %q", c.role, got, c.some)
		}
	}
	if (Principal{}).May(See) {
		t.Error("somebody without a role may see")
	}
}

func TestAScopeIsARegionAndAllBelowItOrAgencies(t *testing.T) {
	for _, c := range []struct {
		scope          Scope
		agency, region string
		want           bool
	}{
		{Scope{}, "a", "", true},
		{Scope{Regions: []string{"370304"}}, "a", "370304", true},
		{Scope{Regions: []string{"370304"}}, "a", "370303", false},
		{Scope{Regions: []string{"370304"}}, "a", "370304001", true},
		{Scope{Regions: []string{"370304"}}, "a", "370304-Fkaifaqu", true},
		{Scope{Regions: []string{"370304"}}, "a", "370300", false},
		{Scope{Regions: []string{"370300"}}, "a", "370304", true},
		{Scope{Regions: []string{"370300"}}, "a", "370403", false},
		{Scope{Regions: []string{"370000"}}, "a", "370304", true},
		{Scope{Regions: []string{"370000"}}, "a", "410304", false},
		{Scope{Regions: []string{"100000"}}, "a", "410304", true},
		{Scope{Regions: []string{"100000"}}, "a", "", false},
		{Scope{Regions: []string{"320813"}}, "a", "320829", true}, // 洪泽县, now 洪泽区
		{Scope{Regions: []string{"990000"}}, "a", "990101", true},
		{Scope{Agencies: []string{"a"}}, "a", "", true},
		{Scope{Agencies: []string{"a"}}, "b", "370304", false},
		{Scope{Regions: []string{"370304"}, Agencies: []string{"b"}}, "b", "110000", true},
	} {
		if got := c.scope.Covers(c.agency, c.region); got != c.want {
			t.Errorf("%v covers %s of %q: %v, want %v", c.scope, c.agency, c.region, got, c.want)
		}
	}
	if a, b := (Scope{Regions: []string{"2", "1"}}), (Scope{Regions: []string{"1", "2", "1"}}); a.String() != b.String() {
		t.Errorf("%s and %s see the same and have two names", a, b)
	}
}

func TestPasswordsAreHashed(t *testing.T) {
	const password = "正确的马电池订书钉"
	a, b := HashPassword(password), HashPassword(password)
	if a == b || strings.Contains(a, password) || !strings.HasPrefix(a, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("hashes %s and %s", a, b)
	}
	for _, c := range []struct {
		hash, password string
		want           bool
	}{{a, password, true}, {b, password, true}, {a, password + "x", false}, {"", "", false}, {"", password, false}, {"$argon2id$", password, false}, {a[:len(a)-1], password, false}} {
		if got := SamePassword(c.hash, c.password); got != c.want {
			t.Errorf("SamePassword(%s, %s) = %v, want %v", c.hash, c.password, got, c.want)
		}
	}
	for _, weak := range []string{"", "short", "aaaaaaaaaaaa", "zhangsan-2024", strings.Repeat("长密码测试", 50), "abcdefghijk\xff"} {
		if CheckPassword(weak, "zhangsan") == nil {
			t.Errorf("the password %q is taken", weak)
		}
	}
	if err := CheckPassword(password+"1", "zhangsan"); err != nil {
		t.Error(err)
	}
}

func TestAccounts(t *testing.T) {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	secret := NewSecret(TokenPrefix)
	token := Account{Kind: Token, Name: "bi", Roles: []Role{Viewer}, Secret: HashToken(secret), Expires: now}
	book := Book{{Kind: User, Name: "wang", Full: "王某", Roles: []Role{Reviewer}, Scope: Scope{Regions: []string{"370304"}}}, token}
	for _, a := range book {
		if err := a.Check(); err != nil {
			t.Error(err)
		}
		again, err := ParseAccount(a.Text())
		if err != nil || again.Text() != a.Text() {
			t.Errorf("%s was read as %s, error %v", a.Text(), again.Text(), err)
		}
	}
	if a, ok := book.Bearing(secret); !ok || a.Name != "bi" {
		t.Error("the token is not found by its secret")
	}
	if _, ok := book.Bearing(token.Secret); ok {
		t.Error("the token is found by its hash")
	}
	if token.Holds(now) || !token.Holds(now.Add(-1)) {
		t.Error("a token must hold until it expires")
	}
	for _, wrong := range []Account{
		{Kind: "x", Name: "a", Roles: []Role{Viewer}}, {Kind: User, Name: "", Roles: []Role{Viewer}}, {Kind: User, Name: "a b", Roles: []Role{Viewer}},
		{Kind: User, Name: "a\u202eb", Roles: []Role{Viewer}}, {Kind: User, Name: "a"}, {Kind: User, Name: "a", Roles: []Role{"root"}}, {Kind: Token, Name: "a", Roles: []Role{Viewer}},
		{Kind: User, Name: "a", Roles: []Role{Viewer}, Scope: Scope{Regions: []string{"12"}}}, {Kind: User, Name: "a", Roles: []Role{Viewer}, Scope: Scope{Agencies: []string{"'"}}},
	} {
		if wrong.Check() == nil {
			t.Errorf("%s is taken", wrong.Text())
		}
	}
}
