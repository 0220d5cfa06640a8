package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/query/stats"
)

// PeerBasis says by what agencies are peers.
type PeerBasis string

// The bases.
const (
	AllPeers     PeerBasis = "all"     // the whole district
	KindPeers    PeerBasis = "kind"    // bodies of the same kind
	ParentPeers  PeerBasis = "parent"  // those below the same body, by the register
	RegionPeers  PeerBasis = "region"  // those of the same region
	SizePeers    PeerBasis = "size"    // those of the same band of applications received in the year
	NearestPeers PeerBasis = "nearest" // those whose number of applications received is nearest, by ratio
	SetPeers     PeerBasis = "set"     // those that the request lists
)

// PeerBases are all bases.
var PeerBases = []PeerBasis{AllPeers, KindPeers, ParentPeers, RegionPeers, SizePeers, NearestPeers, SetPeers}

// Peers asks for a group of agencies.
type Peers struct {
	By      PeerBasis
	Of      string   // id of the agency whose peers are wanted; no use to AllPeers and SetPeers
	Count   int      // of NearestPeers: how many besides the agency itself
	Name    string   // of SetPeers, for people
	Members []string // ids, of SetPeers
}

// Group is a group of peers as it was found.
type Group struct {
	Peers   Peers
	Kind    Kind   // of KindPeers
	Parent  string // of ParentPeers: code of the body above
	Region  string // of RegionPeers
	Volume  Figure // of SizePeers and NearestPeers: the applications that the agency received
	Band    Band   // of SizePeers
	Members []string
	// Unplaced are the agencies of the list of which it is not known whether they are peers, because what they received is
	// not; State says why.
	Unplaced []Absent
	// Silent are bodies of the register that have to file for the year and of which no report of any year is held. They
	// stand in no list of the warehouse.
	Silent []Absent
}

// Absent is an agency that is missing from something.
type Absent struct {
	Agency, Name string
	Kind         Kind
	State        State
}

// Band is a stretch of numbers of applications; Most is −1 where there is no end.
type Band struct{ Least, Most int64 }

// bands follow the classes of denominators: what may be said of a body depends on them.
var bands = []Band{{0, 0}, {1, 9}, {10, 29}, {30, 99}, {100, 299}, {300, 999}, {1000, -1}}

// BandOf is the band of a number of applications.
func BandOf(n int64) Band {
	for _, b := range bands {
		if n >= b.Least && (n <= b.Most || b.Most < 0) {
			return b
		}
	}
	return Band{}
}

// ErrNoPeers is the error of asking for peers of an agency of which that by which they are peers is not known.
var ErrNoPeers = errors.New("no peers can be told")

// Bodies are what is known of agencies besides their reports.
type Bodies struct {
	Register *register.Register
	Regions  map[string]string // of agencies with reports, as printed
}

// kind is the kind by the register, or by the name where the register does not have the body.
func (b Bodies) kind(id string, guess Kind) Kind {
	if a, ok := b.Register.Agency(id); ok && !register.Provisional(id) {
		return a.Kind
	}
	return guess
}

func (b Bodies) region(id string) string {
	if a, ok := b.Register.Agency(id); ok && a.Region != "" {
		return a.Region
	}
	return b.Regions[id]
}

func (b Bodies) parent(id string) string {
	a, _ := b.Register.Agency(id)
	return a.Parent
}

// GroupOf finds the peers among the agencies of a selection, with one query.
func (r *Roster) GroupOf(ctx context.Context, conn driver.Conn, bodies Bodies, s Selection, p Peers) (Group, error) {
	s.Years, s.Agencies = 1, nil
	s.Flawed = true // what a report says it received places its body, whatever else is the matter with it
	t, err := r.Table(ctx, conn, s, Usual("received")...)
	if err != nil {
		return Group{}, err
	}
	if p.Of != "" {
		p.Of = bodies.Register.Resolve(p.Of)
	}
	g, err := group(t, bodies, p)
	if err != nil {
		return Group{}, fmt.Errorf("find peers of %s in %d by %s: %w", p.Of, s.Year, p.By, err)
	}
	g.Silent = r.silent(bodies, t.Selection, p, &g)
	return g, nil
}

// group is the whole of the rules and does no input or output.
func group(t Table, bodies Bodies, p Peers) (Group, error) {
	g := Group{Peers: p}
	at := slices.IndexFunc(t.Lines, func(l Line) bool { return l.Agency == p.Of })
	if at < 0 && p.By != AllPeers && p.By != SetPeers {
		return g, ErrNoAgency
	}
	var in func(*Line) bool
	volume := func(l *Line) Figure { return l.Last().Figures[0].X }
	switch p.By {
	case AllPeers:
		in = func(*Line) bool { return true }
	case SetPeers:
		in = func(l *Line) bool { return slices.Contains(p.Members, l.Agency) }
	case KindPeers:
		g.Kind = bodies.kind(p.Of, t.Lines[at].Kind)
		in = func(l *Line) bool { return bodies.kind(l.Agency, l.Kind) == g.Kind }
	case ParentPeers:
		if g.Parent = bodies.parent(p.Of); g.Parent == "" {
			return g, fmt.Errorf("%w: the register names no body above it", ErrNoPeers)
		}
		in = func(l *Line) bool { return bodies.parent(l.Agency) == g.Parent }
	case RegionPeers:
		if g.Region = bodies.region(p.Of); g.Region == "" {
			return g, fmt.Errorf("%w: its region is not known", ErrNoPeers)
		}
		in = func(l *Line) bool { return bodies.region(l.Agency) == g.Region }
	case SizePeers, NearestPeers:
		if g.Volume = volume(&t.Lines[at]); !g.Volume.Known() {
			return g, fmt.Errorf("%w: it is not known how many applications it received (%s)", ErrNoPeers, g.Volume.State)
		}
		for i := range t.Lines {
			if l := &t.Lines[i]; !volume(l).Known() {
				g.Unplaced = append(g.Unplaced, Absent{l.Agency, l.Name, l.Kind, volume(l).State})
			}
		}
		g.Band = BandOf(g.Volume.Sum)
		in = func(l *Line) bool { v := volume(l); return v.Known() && BandOf(v.Sum) == g.Band }
	default:
		return g, fmt.Errorf("%w: unknown basis %q", ErrNoPeers, p.By)
	}
	if p.By == NearestPeers {
		g.Band = Band{}
		g.Members = nearest(t, p.Of, g.Volume.Sum, p.Count, volume)
		return g, nil
	}
	for i := range t.Lines {
		if in(&t.Lines[i]) {
			g.Members = append(g.Members, t.Lines[i].Agency)
		}
	}
	return g, nil
}

// nearest are an agency and those whose numbers are nearest to its own by ratio, equal ones by id. One is added to each
// number, so that 0 has a ratio too.
func nearest(t Table, of string, own int64, count int, volume func(*Line) Figure) []string {
	type candidate struct {
		id    string
		ratio stats.Fraction // of the greater to the smaller
	}
	var list []candidate
	for i := range t.Lines {
		l := &t.Lines[i]
		if v := volume(l); v.Known() && l.Agency != of {
			list = append(list, candidate{l.Agency, stats.Fraction{X: max(v.Sum, own) + 1, N: min(v.Sum, own) + 1}})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(a.ratio.Compare(b.ratio), cmp.Compare(a.id, b.id)) })
	out := []string{of}
	for _, c := range list[:min(count, len(list))] {
		out = append(out, c.id)
	}
	slices.Sort(out)
	return out
}

// silent lists the bodies that the register says have to file for the year, of which no report is held, and that are peers
// or, where peers are told by what they received, may be.
func (r *Roster) silent(bodies Bodies, s Selection, p Peers, g *Group) []Absent {
	var out []Absent
	for _, a := range bodies.Register.Agencies() {
		if register.Provisional(a.Code) || a.ScopeOf(form.ScopeUnknown) != s.Scope || s.Kind != "" && a.Kind != s.Kind {
			continue
		}
		if _, held := find(r.agencies, a.Code); held {
			continue
		}
		if obliged, _ := bodies.Register.Obliged(a.Code, r.year); !obliged {
			continue
		}
		switch p.By {
		case KindPeers:
			if a.Kind != g.Kind {
				continue
			}
		case ParentPeers:
			if a.Parent != g.Parent {
				continue
			}
		case RegionPeers:
			if a.Region != g.Region {
				continue
			}
		case SetPeers:
			if !slices.Contains(p.Members, a.Code) {
				continue
			}
		}
		out = append(out, Absent{a.Code, a.NameIn(r.year), a.Kind, NotFiled})
	}
	return out
}
