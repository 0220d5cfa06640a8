package warehouse

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nianbao/internal/access"
	"nianbao/internal/form"
	"nianbao/internal/register"
)

// A narrowed store sees of every table what is of its agencies, and of a table that nobody thought of nothing.
func TestANarrowedStoreSeesItsAgenciesAlone(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(1, 2))
	mine, other := randomSubmission(r, "mine", 2023), randomSubmission(r, "other", 2023)
	mine.Claims = []form.Claim{{Concept: "NEW"}}
	other.Claims = mine.Claims
	mine.Parts = []form.Part{{Code: "section1", Text: "x"}}
	other.Parts = mine.Parts
	mine.Filing.SHA256, other.Filing.SHA256 = sha("1"), sha("2")
	entry := func(code string) register.Agency {
		return register.Agency{Code: code, Kind: register.Bureau, Region: "370304", Names: []register.Name{{Text: code + "局", Kind: register.Full}}}
	}
	act := func(s Submission) CorrectionAct {
		return CorrectionAct{Correction: newID(), Act: Propose, Filing: s.Filing.ID, Agency: s.Filing.Agency, Year: 2023, Key: form.Key{Table: "section3", Row: "NEW", Column: "total"}, State: form.Blank, Reason: "r", Person: "p"}
	}
	review := func(s Submission) Review {
		return Review{ID: newID(), Decision: Decisions[0], Filing: s.Filing.ID, Reason: "r", Person: "p", FindingKey: FindingKey{Agency: s.Filing.Agency, Year: 2023, Rule: "A1"}}
	}
	b := Batch{ID: newID(), By: "t", Submissions: []Submission{mine, other},
		Documents: []Document{{SHA256: mine.Filing.SHA256, Bytes: []byte{1}, Size: 1}, {SHA256: other.Filing.SHA256, Bytes: []byte{2}, Size: 1}}}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	b = Batch{ID: newID(), By: "t", Corrections: []CorrectionAct{act(mine), act(other)}, Reviews: []Review{review(mine), review(other)},
		Withdrawals: []Withdrawal{{Filing: mine.Filing.ID, Act: Withdraw, Reason: "r", Person: "p"}, {Filing: other.Filing.ID, Act: Withdraw, Reason: "r", Person: "p"}},
		Sets:        []Set{{Name: "all", Act: Save, Members: []string{"mine", "other"}, Person: "p"}, {Name: "own", Act: Save, Members: []string{"mine"}, Person: "p"}},
		Boards:      []BoardAct{{Name: "b", Act: Save, Statement: "s", Reason: "r", Person: "p"}},
		Displays:    []DisplayAct{{Display: newID(), Act: AddDisplay, Name: "d", Board: "b", Token: sha("8"), Tail: "tail", Reason: "r", Person: "p"}},
		Waiting:     []WaitingFile{{SHA256: sha("9"), Act: Wait, File: "f", ReceivedAt: time.Now()}},
		Obligations: []register.Obligation{{Agency: "mine", Year: 2023, Obliged: true}, {Agency: "other", Year: 2023, Obliged: true}}}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CommitRegister(t.Context(), newID(), "t", "r", []register.Agency{entry("mine"), entry("other")}, nil); err != nil {
		t.Fatal(err)
	}
	account := AccountStatement{Account: access.Account{Kind: access.User, Name: "wang", Roles: []access.Role{access.Viewer}}, Person: "p"}
	if _, err := s.Commit(t.Context(), Batch{ID: newID(), By: "t", Accounts: []AccountStatement{account}}); err != nil {
		t.Fatal(err)
	}
	if err := s.BeginSession(t.Context(), Session{Hash: sha("1"), Account: "wang", Begun: time.Now(), Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Record(t.Context(), Entry{Kind: Download, Outcome: Done}); err != nil {
		t.Fatal(err)
	}
	exec(t, s, "CREATE TABLE unheard_of (x UInt8) ENGINE = MergeTree ORDER BY x", "INSERT INTO unheard_of VALUES (1)")

	n, err := s.Narrowed(t.Context(), []string{"mine"})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if got := count(t, n, "unheard_of"); got != 0 {
		t.Errorf("of a table without a line %d rows are seen, want none", got)
	}
	for table, filter := range sights {
		all, seen := count(t, s, table), count(t, n, table)
		switch {
		case table == "sets":
		case all == 0:
			t.Errorf("%s: the test puts no row into it", table)
		case filter == everyRow && seen != all, filter == noRow && seen != 0, filter != everyRow && filter != noRow && (seen == 0 || seen >= all):
			t.Errorf("%s: %d of %d rows are seen", table, seen, all)
		}
		if filter == byAgency {
			var agencies []string
			if err := n.Conn().QueryRow(t.Context(), "SELECT arraySort(groupUniqArray(agency)) FROM "+table).Scan(&agencies); err != nil || !cmp.Equal(agencies, []string{"mine"}) {
				t.Errorf("%s: agencies %v are seen, error %v, want mine", table, agencies, err)
			}
		}
	}
	var document string
	if err := n.Conn().QueryRow(t.Context(), "SELECT sha256 FROM documents").Scan(&document); err != nil || document != mine.Filing.SHA256 {
		t.Errorf("document %s is seen, error %v, want %s", document, err, mine.Filing.SHA256)
	}

	// The ways in which the program itself reads.
	got, err := n.History(t.Context(), time.Time{}, Filter{})
	if err != nil || len(got) != 1 || got[0].Agency != "mine" || !got[0].Withdrawn {
		t.Errorf("filings %v, error %v, want the one of mine, withdrawn", got, err)
	}
	if _, err := n.Filing(t.Context(), other.Filing.ID); !isNotFound(err) {
		t.Errorf("filing of another: error %v, want that it is not there", err)
	}
	if _, err := n.Document(t.Context(), other.Filing.SHA256); !isNotFound(err) {
		t.Errorf("document of another: error %v, want that it is not there", err)
	}
	sets, err := n.Sets(t.Context(), time.Time{})
	if want := []Set{{Name: "own", Act: Save, Members: []string{"mine"}, Person: "p"}}; err != nil || !cmp.Equal(sets, want, cmpopts.IgnoreFields(Set{}, "At")) {
		t.Errorf("sets %v, error %v, want %v", sets, err, want)
	}
	b.ID = newID()
	if _, err := n.Commit(t.Context(), b); err == nil {
		t.Error("a commit through the narrowed store was carried out")
	}

	// Codes that are none, and none at all.
	for _, codes := range [][]string{{"a'b"}, {""}, {`a\`}, make([]string, mostSeen+1)} {
		if n, err := s.Narrowed(t.Context(), codes); err == nil {
			n.Close()
			t.Errorf("narrowed to %q", codes[0])
		}
	}
	nobody, err := s.Narrowed(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	if got := count(t, nobody, "filings"); got != 0 || !strings.Contains(nobody.where.Settings["additional_table_filters"].(string), `[\'\']`) {
		t.Errorf("%d filings are seen by who sees no agency", got)
	}
}
