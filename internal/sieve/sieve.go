// Package sieve searches texts for regular expressions where most texts and most places in them do not match.
//
// An expression is looked through once for the words that every match must contain and the characters with which it
// begins, and a text is looked through once for its characters and pairs of characters. Comparing the two costs a few
// nanoseconds, where a search costs microseconds, a quarter of one for each character that may be the first. It pays where
// many expressions are searched for in the same text. What flows out is what package regexp finds.
package sieve

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Marks are the characters and pairs of neighbours of a text, each as one of a number of bits. Two may share a bit, so what
// is marked may not be there; what is not marked is not there.
type Marks struct {
	bits  []uint64
	shift uint // of a sign to its bit
}

// Of marks a text.
func Of(text string) *Marks {
	size := uint(6) // logarithm of the number of bits: a twentieth of them is used
	for 1<<size < 12*len(text) {
		size++
	}
	m := &Marks{make([]uint64, 1<<(size-6)), 32 - size}
	before := rune(0)
	for _, r := range text {
		m.set(one(r))
		m.set(pair(before, r))
		before = r
	}
	return m
}

// sign is a character or a pair of neighbours, spread over 32 bits by odd factors (Knuth, Sorting and Searching, 6.4).
type sign uint32

func one(r rune) sign     { return sign(uint32(r) * 2654435769) }
func pair(a, b rune) sign { return sign(uint32(a)*2246822519 + uint32(b)*3266489917) }

func (m *Marks) set(s sign)      { m.bits[s>>m.shift/64] |= 1 << (s >> m.shift % 64) }
func (m *Marks) has(s sign) bool { return m.bits[s>>m.shift/64]&(1<<(s>>m.shift%64)) != 0 }

// Regexp is a regular expression that knows what every match must contain, and with which characters it may begin. It
// finds what [regexp.Regexp] finds.
type Regexp struct {
	*regexp.Regexp
	needs []alternatives // each of them
	// start are the characters with which a match begins, and from those on it is at the beginning of what is left that
	// the expression is tried. Nil if there are too many of them or if it matters what stands before.
	start *Marks
	from  *regexp.Regexp
}

// alternatives are words of which a match must contain one, each as its signs.
type alternatives [][]sign

// MustCompile parses an expression and panics if it is none.
func MustCompile(expression string) *Regexp {
	r := &Regexp{Regexp: regexp.MustCompile(expression)}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		panic(err) // regexp.MustCompile would have
	}
	parsed = parsed.Simplify()
	for _, words := range needs(parsed) {
		var a alternatives
		for _, w := range words {
			a = append(a, signsOf(w))
		}
		r.needs = append(r.needs, a)
	}
	if first, ok := firsts(parsed); ok && !first.nothing && !looksBack(parsed) {
		r.start = &Marks{make([]uint64, 1<<6), 32 - 12}
		for _, c := range first.characters {
			r.start.set(one(c))
		}
		r.from = regexp.MustCompile(`^(?:` + expression + `)`)
	}
	return r
}

func signsOf(word string) []sign {
	runes := []rune(word)
	if len(runes) == 1 {
		return []sign{one(runes[0])}
	}
	var signs []sign
	for i := 1; i < len(runes); i++ {
		signs = append(signs, pair(runes[i-1], runes[i]))
	}
	return signs
}

// May reports whether the expression may match the text that was marked, or a part of it. False is certain.
func (r *Regexp) May(m *Marks) bool {
	for _, a := range r.needs {
		if !a.in(m) {
			return false
		}
	}
	return true
}

func (a alternatives) in(m *Marks) bool {
next:
	for _, signs := range a {
		for _, s := range signs {
			if !m.has(s) {
				continue next
			}
		}
		return true
	}
	return false
}

// MatchString is [regexp.Regexp.MatchString].
func (r *Regexp) MatchString(s string) bool {
	if r.start == nil {
		return r.Regexp.MatchString(s)
	}
	for i, c := range s {
		if r.start.has(one(c)) && r.from.MatchString(s[i:]) {
			return true
		}
	}
	return false
}

// FindStringSubmatchIndex is [regexp.Regexp.FindStringSubmatchIndex].
func (r *Regexp) FindStringSubmatchIndex(s string) []int {
	if r.start == nil {
		return r.Regexp.FindStringSubmatchIndex(s)
	}
	return r.next(s, 0)
}

// FindStringIndex is [regexp.Regexp.FindStringIndex].
func (r *Regexp) FindStringIndex(s string) []int {
	if m := r.FindStringSubmatchIndex(s); m != nil {
		return m[:2]
	}
	return nil
}

// FindStringSubmatch is [regexp.Regexp.FindStringSubmatch].
func (r *Regexp) FindStringSubmatch(s string) []string {
	m := r.FindStringSubmatchIndex(s)
	if m == nil {
		return nil
	}
	out := make([]string, len(m)/2)
	for i := range out {
		if m[2*i] >= 0 {
			out[i] = s[m[2*i]:m[2*i+1]]
		}
	}
	return out
}

// FindAllStringSubmatchIndex is [regexp.Regexp.FindAllStringSubmatchIndex] without a bound.
func (r *Regexp) FindAllStringSubmatchIndex(s string) [][]int {
	if r.start == nil {
		return r.Regexp.FindAllStringSubmatchIndex(s, -1)
	}
	var out [][]int
	for at := 0; ; {
		m := r.next(s, at)
		if m == nil {
			return out
		}
		out, at = append(out, m), m[1]
	}
}

// next is the first match that begins at a byte or behind it.
func (r *Regexp) next(s string, at int) []int {
	for i, c := range s[at:] {
		if !r.start.has(one(c)) {
			continue
		}
		if m := r.from.FindStringSubmatchIndex(s[at+i:]); m != nil {
			for k := range m {
				if m[k] >= 0 {
					m[k] += at + i
				}
			}
			return m
		}
	}
	return nil
}

// first is how the matches of an expression begin.
type first struct {
	characters []rune
	nothing    bool // one may be empty
}

// firsts lists the characters with which matches begin. ok is false if they are too many.
func firsts(re *syntax.Regexp) (f first, ok bool) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpEndText, syntax.OpEndLine:
		return first{nothing: true}, true
	case syntax.OpLiteral:
		return first{characters: re.Rune[:1]}, re.Flags&syntax.FoldCase == 0
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				if f.characters = append(f.characters, c); len(f.characters) > most {
					return f, false
				}
			}
		}
		return f, true
	case syntax.OpCapture, syntax.OpPlus:
		return firsts(re.Sub[0])
	case syntax.OpQuest, syntax.OpStar:
		f, ok = firsts(re.Sub[0])
		f.nothing = true
		return f, ok
	case syntax.OpConcat:
		f.nothing = true
		for _, sub := range re.Sub {
			next, ok := firsts(sub)
			if !ok {
				return f, false
			}
			f.characters = append(f.characters, next.characters...)
			if !next.nothing {
				f.nothing = false
				break
			}
		}
		return f, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			one, ok := firsts(sub)
			if !ok {
				return f, false
			}
			f.characters, f.nothing = append(f.characters, one.characters...), f.nothing || one.nothing
		}
		return f, true
	}
	return f, false
}

// looksBack reports whether it matters to an expression what stands before a match.
func looksBack(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, looksBack)
}

// most is how many alternatives are kept apart; with more the test would cost what it saves.
const most = 32

// needs lists sets of words; every match of the expression, which was simplified, contains a word of each.
func needs(re *syntax.Regexp) [][]string {
	if all := texts(re); all != nil {
		return need(all)
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return needs(re.Sub[0])
	case syntax.OpConcat:
		var out [][]string
		run := []string{""} // all texts of the parts since the last one that has too many
		for _, sub := range re.Sub {
			all := texts(sub)
			if all == nil {
				out = append(out, need(run)...)
				out = append(out, needs(sub)...)
				run = []string{""}
				continue
			}
			if both := product(run, all); both != nil {
				run = both
				continue
			}
			out = append(out, need(run)...)
			run = all
		}
		return append(out, need(run)...)
	case syntax.OpAlternate:
		var one []string
		for _, sub := range re.Sub {
			all := needs(sub)
			if len(all) == 0 {
				return nil
			}
			one = append(one, slices.MinFunc(all, func(a, b []string) int { return len(a) - len(b) })...)
		}
		return need(one)
	}
	return nil
}

// need is the demand for one of some words. A word that contains another of them adds nothing, and if one is empty nothing
// is demanded.
func need(words []string) [][]string {
	var out []string
	for i, w := range words {
		if w == "" {
			return nil
		}
		if !slices.ContainsFunc(words, func(o string) bool { return len(o) < len(w) && strings.Contains(w, o) }) && !slices.Contains(words[:i], w) {
			out = append(out, w)
		}
	}
	return [][]string{out}
}

// texts lists all texts that an expression matches, nil if they are more than most or cannot be listed.
func texts(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return []string{""}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpCharClass:
		var out []string
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				if out = append(out, string(c)); len(out) > most {
					return nil
				}
			}
		}
		return out
	case syntax.OpCapture:
		return texts(re.Sub[0])
	case syntax.OpQuest:
		if all := texts(re.Sub[0]); all != nil {
			return append([]string{""}, all...)
		}
	case syntax.OpConcat:
		run := []string{""}
		for _, sub := range re.Sub {
			if run = product(run, texts(sub)); run == nil {
				return nil
			}
		}
		return run
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			all := texts(sub)
			if all == nil || len(out)+len(all) > most {
				return nil
			}
			out = append(out, all...)
		}
		return out
	}
	return nil
}

// product joins each of some texts with each of others, nil if they are too many.
func product(first, second []string) []string {
	if len(first)*len(second) > most {
		return nil
	}
	var out []string
	for _, a := range first {
		for _, b := range second {
			out = append(out, a+b)
		}
	}
	return out
}
