package warehouse

import (
	"testing"
	"time"

	"nianbao/internal/access"
)

// Of an account the newest statement counts; what is said of accounts is sealed by the chain and changes no state of the data.
func TestAccountsAndSessions(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, submit("a", 2023, sha("a")))
	batch, at, err := s.DataVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	say := func(a access.Account, reason string) {
		t.Helper()
		if _, err := s.Commit(t.Context(), Batch{ID: newID(), By: "admin", Accounts: []AccountStatement{{Account: a, Reason: reason, Person: "admin"}}}); err != nil {
			t.Fatal(err)
		}
	}
	wang := access.Account{Kind: access.User, Name: "wang", Roles: []access.Role{access.Viewer}, Secret: "x"}
	token := access.Account{Kind: access.Token, Name: "wang", Roles: []access.Role{access.Viewer}, Secret: "y", Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	first, _, err := s.DoorVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	say(wang, "new")
	say(token, "new")
	wang.Ended = true
	say(wang, "left")
	list, err := s.Accounts(t.Context())
	if err != nil || len(list) != 2 || list[0].Text() != wang.Text() || list[0].Reason != "left" || list[1].Text() != token.Text() || list[0].At.IsZero() {
		t.Errorf("accounts %+v, error %v", list, err)
	}
	if acts, err := s.AccountActs(t.Context()); err != nil || len(acts) != 3 {
		t.Errorf("%d statements, error %v, want 3", len(acts), err)
	}
	if last, _, err := s.DoorVersion(t.Context()); err != nil || last != first+3 {
		t.Errorf("the door has version %d after %d, error %v", last, first, err)
	}
	if b, when, err := s.DataVersion(t.Context()); err != nil || b != batch || !when.Equal(at) {
		t.Errorf("the data has version %s of %s, error %v, want %s: accounts are no data", b, when, err, batch)
	}
	if _, err := s.Commit(t.Context(), Batch{ID: newID(), Accounts: []AccountStatement{{Account: access.Account{Kind: access.User}, Person: "p"}}}); err == nil {
		t.Error("an account without a name was kept")
	}
	if _, breaches, err := s.VerifyChain(t.Context(), nil); err != nil || len(breaches) > 0 {
		t.Errorf("the chain: %v, error %v", breaches, err)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	one := Session{Hash: sha("1"), Account: "wang", Stamp: "s", Begun: now, Until: now.Add(time.Hour)}
	two := Session{Hash: sha("2"), Account: "wang", Begun: now.Add(-2 * time.Hour), Until: now.Add(-time.Hour)}
	three := Session{Hash: sha("3"), Account: "li", Begun: now, Until: now.Add(time.Hour)}
	for _, x := range []Session{one, two, three} {
		if err := s.BeginSession(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EndSession(t.Context(), three); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Sessions(t.Context()); err != nil || len(list) != 1 || list[0] != one {
		t.Errorf("sessions %+v, error %v, want %+v", list, err, one)
	}
}
