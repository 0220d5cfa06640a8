package check

import (
	"cmp"
	"slices"
	"sort"

	"nianbao/internal/form"
)

// sampling says that one shingle of eight goes into the index. Which one depends on its hash alone, so a passage leaves
// the same traces in every report that has it.
const sampling = 8

// Texts is an index of the texts of all bodies for one year. It tells which report another is nearest to.
type Texts struct {
	filings []*Extract
	entries []entry // by shingle
	names   map[string]bool
	common  int // a shingle in more reports than this is a common phrase
}

type entry struct {
	shingle uint32
	filing  int32
}

// TextsOf indexes the filings of one year. A phrase that stands in more than five reports, and in more than a twentieth
// of them, is common and counts for nobody: models of sentences are handed out from above.
func TextsOf(filings []*Extract) *Texts {
	t := &Texts{filings: filings, names: map[string]bool{}, common: max(5, len(filings)/20)}
	for i, x := range filings {
		t.names[x.Name] = true
		for _, s := range x.sample() {
			t.entries = append(t.entries, entry{s, int32(i)})
		}
	}
	slices.SortFunc(t.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.shingle, b.shingle), cmp.Compare(a.filing, b.filing))
	})
	return t
}

// sample is every eighth shingle of the parts that are compared, each once.
func (x *Extract) sample() []uint32 {
	var out []uint32
	for _, code := range []string{form.Section1, form.Section5} {
		for _, s := range x.text[code] {
			if s%sampling == 0 {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nearest is the report of another body that has most of the uncommon shingles of this one, and what share of them.
// Own counts them. Of several equally near the one of the first name counts.
func (t *Texts) nearest(x *Extract) (other *Extract, share float64, own int) {
	hits := map[int32]int{}
	for _, s := range x.sample() {
		first := sort.Search(len(t.entries), func(i int) bool { return t.entries[i].shingle >= s })
		last := first
		for last < len(t.entries) && t.entries[last].shingle == s {
			last++
		}
		if last-first > t.common {
			continue
		}
		own++
		for _, e := range t.entries[first:last] {
			if t.filings[e.filing].Name != x.Name {
				hits[e.filing]++
			}
		}
	}
	best := 0
	for i, n := range hits {
		o := t.filings[i]
		if n > best || n == best && other != nil && o.Name < other.Name {
			best, other = n, o
		}
	}
	if own > 0 {
		share = float64(best) / float64(own)
	}
	return other, share, own
}
