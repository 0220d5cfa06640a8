package page

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"nianbao/query/sample"
)

// view is a page as tests look at it.
type view struct {
	name    string // of the pictures of it
	address string // {filing} and the like are what the warehouse has
	drawn   bool   // a picture stands in it
	api     string // address in the API of the same numbers, "" where there is none
	sheets  [2]int // of paper that it takes: at least, at most; 0 where nobody prints it
	status  int    // 0 is 200
	prose   bool   // a page of the manual: it has no figures, and so no files
}

// views are every page of the site, and those ways to look at one that differ in what stands on it. A test finds the page
// that is missing here.
var views = []view{
	{name: "home", address: "/", sheets: [2]int{2, 6}},
	{name: "home-past", address: "/?as_of=2020-01-01"},
	{name: "compare", address: "/compare", drawn: true, api: "/compare?m=received&year=2023", sheets: [2]int{2, 4}},
	{name: "compare-share", address: "/compare?m=open_rate&mark={evil}", drawn: true, api: "/compare?m=open_rate&year=2023", sheets: [2]int{2, 5}},
	{name: "compare-pooled", address: "/compare?m=open_rate&span=3&x=full&den=handled", drawn: true},
	{name: "compare-growth", address: "/compare?m=growth"},
	{name: "compare-nobody", address: "/compare?peer=list:xnone"},
	{name: "outcomes", address: "/outcomes", drawn: true, api: "/compare/structure?year=2023", sheets: [2]int{2, 4}},
	{name: "outcomes-count", address: "/outcomes?view=count", drawn: true},
	{name: "reasons", address: "/reasons", api: "/compare/reasons?year=2023", sheets: [2]int{1, 4}},
	{name: "reasons-all", address: "/reasons?group=all"},
	{name: "disputes", address: "/disputes", drawn: true, api: "/compare/disputes?year=2023", sheets: [2]int{2, 6}},
	{name: "funnel", address: "/funnel", drawn: true, api: "/compare/funnel?m=open_rate&year=2023", sheets: [2]int{2, 4}},
	{name: "trends", address: "/trends", drawn: true},
	{name: "trends-share", address: "/trends?m=open_rate&yscale=own", drawn: true, sheets: [2]int{2, 5}},
	{name: "years", address: "/changes/years", drawn: true},
	{name: "years-share", address: "/changes/years?m=open_rate", drawn: true, sheets: [2]int{2, 4}},
	{name: "matrix", address: "/matrix", sheets: [2]int{1, 4}},
	{name: "scatter", address: "/scatter?m=open_rate&y=refuse_rate", drawn: true, sheets: [2]int{2, 4}},
	{name: "package", address: "/package"},
	{name: "journal", address: "/journal"},
	{name: "measures", address: "/measures", sheets: [2]int{2, 12}},
	{name: "register", address: "/register", sheets: [2]int{1, 8}},
	{name: "register-year", address: "/register?year=2023&state=not_filed"},
	{name: "findings", address: "/findings", sheets: [2]int{2, 40}},
	{name: "findings-text", address: "/findings?q=%3Cscript%3E&outcome=pass"},
	{name: "finding", address: "/findings/{finding}", sheets: [2]int{1, 2}},
	{name: "changes", address: "/changes", sheets: [2]int{1, 6}},
	{name: "diff", address: "/diff?from={older}&to={newer}", sheets: [2]int{1, 6}},
	{name: "agency", address: "/agency/kjj", drawn: true, sheets: [2]int{2, 8}},
	{name: "agency-joined", address: "/agency/kjj?join=1", drawn: true},
	{name: "agency-evil", address: "/agency/evil"},
	{name: "report", address: "/report/jtj/2023", sheets: [2]int{2, 10}},
	{name: "report-partial", address: "/report/{statistics}/2023"},
	{name: "report-2019", address: "/report/wlj/2023"},
	{name: "filing", address: "/filing/{older}"},
	{name: "cell", address: "/report/jtj/2023/cell/section3.R7.total", sheets: [2]int{1, 3}},
	{name: "cell-text", address: "/report/evil/2023/cell/section2.licensing.processed"},
	{name: "cell-filing", address: "/filing/{older}/cell/section3.NEW.total"},
	{name: "help", address: "/help", prose: true},
	{name: "help-topic", address: "/help/compare", prose: true},
	{name: "missing", address: "/nothing", status: http.StatusNotFound},
	{name: "refused", address: "/compare?yaer=2023", status: http.StatusBadRequest},
}

// notPages are the addresses that answer with no page, and those that tests of their own look at: wall displays, and uploads, which
// are only where somebody allows them.
var notPages = []string{"/document/:sha256", "/package.zip", "/assets/*file", "/healthz", "/readyz", "/help/pictures/:picture", "/s/:code", "/wall/*path", "/boards", "/boards/:board", "/boards/:board/slide/:slide", "/upload"}

// district is the warehouse that the views are of: the district of the samples with its register, what was decided about it,
// and the agencies whose names attack.
func district(t *testing.T) (*tester, []view) {
	t.Helper()
	store := registered(t)
	sample.CommitTogether(t, store, sample.Hostiles()...)
	var calls []string
	h, err := New(Options{Store: store, Version: "test", Decide: deciders(store, &calls)})
	if err != nil {
		t.Fatal(err)
	}
	s := &tester{handler: h, store: store}
	known, err := store.Versions(t.Context(), time.Time{}, "kjj", 2023)
	if err != nil || len(known) != 2 {
		t.Fatalf("%d versions, %v", len(known), err)
	}
	fill := strings.NewReplacer("{older}", known[0].ID, "{newer}", known[1].ID, "{finding}", firstFinding(t, s, "/findings.json?severity=critical&outcome=fail"),
		"{evil}", "evil", "{statistics}", id(sample.Statistics))
	filled := slices.Clone(views)
	for i := range filled {
		filled[i].address = fill.Replace(filled[i].address)
	}
	return s, filled
}

// TestEveryPageIsLookedAt: each address of the site that answers with a page has a view.
func TestEveryPageIsLookedAt(t *testing.T) {
	g := (&site{}).routes().(*gin.Engine)
	for _, route := range g.Routes() {
		if route.Method != http.MethodGet || formatOf(route.Path) != asHTML || slices.Contains(notPages, route.Path) {
			continue
		}
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z0-9]+`).ReplaceAllString(route.Path, `[^/?]+`) + `(\?|$)`)
		if !slices.ContainsFunc(views, func(v view) bool { return pattern.MatchString(v.address) }) {
			t.Errorf("no view is of GET %s; give it a line in views", route.Path)
		}
	}
}
