package api

import (
	"context"
	"mime"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/findings"
)

// Decisions are the functions that carry out what people decide. Each takes the person first. They belong to the write
// path; the program hands them in, and sees to it that one is carried out at a time.
type Decisions struct {
	Correct  func(ctx context.Context, person, filing string, cell form.Key, value, reason string, second bool) (id string, err error)
	Approve  func(ctx context.Context, person, correction, reason string) error
	Retract  func(ctx context.Context, person, correction, reason string) error
	Repeat   func(ctx context.Context, person, correction, reason string) (id string, err error)
	Review   func(ctx context.Context, person, filing, rule, table, place, decision, reason string) error
	Withdraw func(ctx context.Context, person, filing, reason string) error
	Restore  func(ctx context.Context, person, filing, reason string) error
	Link     func(ctx context.Context, person, provisional, agency, reason string) error
	Unlink   func(ctx context.Context, person, provisional, reason string) error
	Assign   func(ctx context.Context, person, sha256, agency string, year int) (filing string, err error)
	Dismiss  func(ctx context.Context, person, sha256, reason string) error
	// A set bears its name; saving puts it in the place of the one that bears it.
	SaveSet     func(ctx context.Context, person, name string, members []string, reason string) error
	WithdrawSet func(ctx context.Context, person, name, reason string) error
	// What wall displays show. A board is written as package board writes it.
	SaveBoard     func(ctx context.Context, person, statement, reason string) error
	WithdrawBoard func(ctx context.Context, person, name, reason string) error
	AddDisplay    func(ctx context.Context, person, name, board, reason string) (token string, err error)
	RevokeDisplay func(ctx context.Context, person, display, reason string) error
	// Forbidden tells the errors of who may not decide that.
	Forbidden func(error) bool
	// Refused tells the errors that the person can mend from those of the warehouse.
	Refused func(error) bool
}

// Decided is the answer to a decision that was carried out.
type Decided struct {
	ID string `json:"id,omitempty" doc:"of what came to be: a correction, a filing"`
}

// Reasoned is who decides and why.
type Reasoned struct {
	Person string `json:"person" minLength:"1" maxLength:"100" doc:"who decides; where there are accounts, the account counts, whatever stands here"`
	Reason string `json:"reason" minLength:"1" maxLength:"1000" doc:"why; kept with the decision"`
}

// decision declares an operation that decides something. exists reports what the address names; where it is not there, nothing
// is decided.
func decision[I any](s *service, path, id, summary string, exists func(context.Context, *I) error, do func(context.Context, *I) (string, error)) {
	op := huma.Operation{Method: http.MethodPost, Path: path, OperationID: id, Tags: []string{"decisions"}, Summary: summary, MaxBodyBytes: 64 << 10,
		Description: "Takes JSON from the same site only.",
		Errors:      []int{http.StatusForbidden, http.StatusNotFound, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}}
	op.Responses = map[string]*huma.Response{"200": {Description: "carried out", Content: map[string]*huma.MediaType{
		"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(decidedType, true, "Decided")}}}}
	huma.Register(s.api, op, func(_ context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			err := exists(ctx.Context(), in)
			var done Decided
			if err == nil {
				// What was begun is finished, even if whoever asked has gone.
				done.ID, err = do(context.WithoutCancel(ctx.Context()), in)
				s.forget()
			}
			if err != nil && s.Decide.Forbidden != nil && s.Decide.Forbidden(err) {
				err = &refusal{status: http.StatusForbidden, detail: err.Error()}
			} else if err != nil && s.Decide.Refused(err) {
				err = &refusal{status: http.StatusUnprocessableEntity, detail: err.Error()}
			}
			if err != nil {
				s.trouble(ctx, err)
				return
			}
			ctx.SetHeader("Cache-Control", "no-store")
			ctx.SetHeader("Content-Type", "application/json")
			ctx.SetStatus(http.StatusOK)
			_ = huma.DefaultJSONFormat.Marshal(ctx.BodyWriter(), done) // the reader has gone
		}}, nil
	})
}

// sameOrigin lets only this site's own pages and programs decide: a page of another site that a person has open must not.
func (s *service) sameOrigin(ctx huma.Context, next func(huma.Context)) {
	if ctx.Method() != http.MethodPost {
		next(ctx)
		return
	}
	r := humagin.Unwrap(ctx).Request
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		s.fail(ctx, http.StatusUnsupportedMediaType, "want Content-Type: application/json")
		return
	}
	if s.foreign.Check(r) != nil || !OwnName(r) {
		s.fail(ctx, http.StatusForbidden, "the request comes from another site")
		return
	}
	next(ctx)
}

// OwnName reports whether a request that came in over this machine alone names this machine. A name that somebody made to
// point here (DNS rebinding) is that of another site.
func OwnName(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return true
	}
	if tcp, ok := local.(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return true
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *service) filingExists(ctx context.Context, id string) error {
	_, err := s.Store.Filing(ctx, id)
	return err
}

func (s *service) correctionExists(ctx context.Context, id string) error {
	list, err := s.Store.Corrections(ctx, now, warehouse.Filter{})
	if err == nil && !slices.ContainsFunc(list, func(c warehouse.Correction) bool { return c.Correction == id }) {
		err = notFound
	}
	return err
}

func (s *service) agencyExists(ctx context.Context, code string) error {
	reg, err := s.Store.Register(ctx, now)
	if err == nil {
		if _, ok := reg.Agency(code); !ok {
			err = notFound
		}
	}
	return err
}

func (s *service) fileWaits(ctx context.Context, sha256 string) error {
	list, err := s.Store.Waiting(ctx, now)
	if err == nil && !slices.ContainsFunc(list, func(w warehouse.WaitingFile) bool { return w.SHA256 == sha256 }) {
		err = notFound
	}
	return err
}

func (s *service) describeDecisions() {
	d := s.Decide
	if d == nil {
		return
	}
	type correct struct {
		Body struct {
			Reasoned
			Filing string `json:"filing" minLength:"26" maxLength:"26"`
			Cell   string `json:"cell" doc:"table.row.column" example:"section3.R3_4.total"`
			Value  string `json:"value" minLength:"1" doc:"a number, or blank, dash or na"`
			Second bool   `json:"second,omitempty" doc:"a second person has to approve it"`
		}
	}
	decision(s, "/corrections", "correct-cell", "correct a cell", func(ctx context.Context, in *correct) error { return s.filingExists(ctx, in.Body.Filing) },
		func(ctx context.Context, in *correct) (string, error) {
			key, err := form.ParseKey(in.Body.Cell)
			if err != nil {
				return "", &refusal{http.StatusUnprocessableEntity, "want table.row.column, for example section3.R3_4.total", "body.cell", in.Body.Cell}
			}
			return d.Correct(ctx, in.Body.Person, in.Body.Filing, key, in.Body.Value, in.Body.Reason, in.Body.Second)
		})
	type ofCorrection struct {
		Correction string `path:"correction" minLength:"26" maxLength:"26"`
		Body       Reasoned
	}
	exists := func(ctx context.Context, in *ofCorrection) error { return s.correctionExists(ctx, in.Correction) }
	decision(s, "/corrections/{correction}/approve", "approve-correction", "agree to a correction, as the second person", exists, func(ctx context.Context, in *ofCorrection) (string, error) {
		return "", d.Approve(ctx, in.Body.Person, in.Correction, in.Body.Reason)
	})
	decision(s, "/corrections/{correction}/retract", "retract-correction", "end a correction", exists, func(ctx context.Context, in *ofCorrection) (string, error) {
		return "", d.Retract(ctx, in.Body.Person, in.Correction, in.Body.Reason)
	})
	decision(s, "/corrections/{correction}/repeat", "repeat-correction", "make a correction of an earlier version again for the one that counts", exists, func(ctx context.Context, in *ofCorrection) (string, error) {
		return d.Repeat(ctx, in.Body.Person, in.Correction, in.Body.Reason)
	})
	type review struct {
		Finding string `path:"finding"`
		Body    struct {
			Reasoned
			Decision string `json:"decision" enum:"confirm,dismiss,ask,reopen"`
		}
	}
	decision(s, "/findings/{finding}/reviews", "review-finding", "decide about a finding", func(ctx context.Context, in *review) error {
		_, err := findings.One(ctx, s.Store, in.Finding, now)
		return err
	}, func(ctx context.Context, in *review) (string, error) {
		w, err := findings.One(ctx, s.Store, in.Finding, now)
		if err != nil {
			return "", err
		}
		return "", d.Review(ctx, in.Body.Person, w.Filing, w.Rule, w.Table, w.Place, in.Body.Decision, in.Body.Reason)
	})
	type ofFiling struct {
		Filing string `path:"filing" minLength:"26" maxLength:"26"`
		Body   Reasoned
	}
	held := func(ctx context.Context, in *ofFiling) error { return s.filingExists(ctx, in.Filing) }
	decision(s, "/filings/{filing}/withdraw", "withdraw-filing", "take a version of a report out of all figures", held, func(ctx context.Context, in *ofFiling) (string, error) {
		return "", d.Withdraw(ctx, in.Body.Person, in.Filing, in.Body.Reason)
	})
	decision(s, "/filings/{filing}/restore", "restore-filing", "put a withdrawn version back", held, func(ctx context.Context, in *ofFiling) (string, error) {
		return "", d.Restore(ctx, in.Body.Person, in.Filing, in.Body.Reason)
	})
	type link struct {
		Agency string `path:"agency" doc:"provisional code"`
		Body   struct {
			Reasoned
			Is string `json:"is" minLength:"1" doc:"code of the agency that it is"`
		}
	}
	decision(s, "/agencies/{agency}/link", "link-agency", "say which agency a provisional entry is", func(ctx context.Context, in *link) error { return s.agencyExists(ctx, in.Agency) },
		func(ctx context.Context, in *link) (string, error) {
			return "", d.Link(ctx, in.Body.Person, in.Agency, in.Body.Is, in.Body.Reason)
		})
	type unlink struct {
		Agency string `path:"agency" doc:"provisional code"`
		Body   Reasoned
	}
	decision(s, "/agencies/{agency}/unlink", "unlink-agency", "take that back", func(ctx context.Context, in *unlink) error { return s.agencyExists(ctx, in.Agency) },
		func(ctx context.Context, in *unlink) (string, error) {
			return "", d.Unlink(ctx, in.Body.Person, in.Agency, in.Body.Reason)
		})
	type assign struct {
		SHA256 string `path:"sha256" minLength:"64" maxLength:"64"`
		Body   struct {
			Person string `json:"person" minLength:"1" maxLength:"100"`
			Agency string `json:"agency,omitempty" doc:"code; left to the file if it is not given"`
			Year   int    `json:"year,omitempty" doc:"the same"`
		}
	}
	decision(s, "/waiting/{sha256}/assign", "assign-file", "say whose a waiting file is and for which year, and load it", func(ctx context.Context, in *assign) error { return s.fileWaits(ctx, in.SHA256) },
		func(ctx context.Context, in *assign) (string, error) {
			return d.Assign(ctx, in.Body.Person, in.SHA256, in.Body.Agency, in.Body.Year)
		})
	type dismiss struct {
		SHA256 string `path:"sha256" minLength:"64" maxLength:"64"`
		Body   Reasoned
	}
	decision(s, "/waiting/{sha256}/dismiss", "dismiss-file", "end the waiting of a file without a report; its bytes stay", func(ctx context.Context, in *dismiss) error { return s.fileWaits(ctx, in.SHA256) },
		func(ctx context.Context, in *dismiss) (string, error) {
			return "", d.Dismiss(ctx, in.Body.Person, in.SHA256, in.Body.Reason)
		})
}

var (
	decidedType = reflect.TypeFor[Decided]()
	now         time.Time // as the moment of a question: now
)
