// Package sieve tells cheaply that a regular expression cannot match a text, so that most searches need not be made.
//
// An expression is looked through once for the words that every match must contain, and a text is looked through once for
// its characters and pairs of characters. Comparing the two costs a few nanoseconds, where a search costs microseconds;
// it pays where many expressions are searched for in the same text. An expression and a text flow in; what flows out is
// "no", or "perhaps", never "yes".
package sieve

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Marks are the characters and pairs of neighbours of a text, each as one of a fixed number of bits. Two may share a bit,
// so what is marked may not be there; what is not marked is not there.
type Marks [size / 64]uint64

// size in bits. A sentence of a hundred characters fills a twentieth of it.
const size = 4096

// Of marks a text.
func Of(text string) *Marks {
	var m Marks
	before := rune(0)
	for _, r := range text {
		m.set(one(r))
		m.set(pair(before, r))
		before = r
	}
	return &m
}

func (m *Marks) set(bit uint16)      { m[bit/64] |= 1 << (bit % 64) }
func (m *Marks) has(bit uint16) bool { return m[bit/64]&(1<<(bit%64)) != 0 }

// one and pair are the bits of a character and of two neighbours. The factors are odd and spread the bits (Knuth,
// Sorting and Searching, 6.4).
func one(r rune) uint16     { return uint16(uint32(r) * 2654435769 >> 20) }
func pair(a, b rune) uint16 { return uint16((uint32(a)*2246822519 + uint32(b)*3266489917) >> 20) }

// Regexp is a regular expression with what every match must contain.
type Regexp struct {
	*regexp.Regexp
	needs []alternatives // each of them
}

// alternatives are words of which a match must contain one, each as the bits that stand for it.
type alternatives [][]uint16

// MustCompile parses an expression and panics if it is none.
func MustCompile(expression string) *Regexp {
	r := &Regexp{Regexp: regexp.MustCompile(expression)}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		panic(err) // regexp.MustCompile would have
	}
	for _, words := range needs(parsed.Simplify()) {
		var a alternatives
		for _, w := range words {
			a = append(a, bitsOf(w))
		}
		r.needs = append(r.needs, a)
	}
	return r
}

func bitsOf(word string) []uint16 {
	runes := []rune(word)
	if len(runes) == 1 {
		return []uint16{one(runes[0])}
	}
	var bits []uint16
	for i := 1; i < len(runes); i++ {
		bits = append(bits, pair(runes[i-1], runes[i]))
	}
	return bits
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
	for _, bits := range a {
		for _, b := range bits {
			if !m.has(b) {
				continue next
			}
		}
		return true
	}
	return false
}

// most is how many alternatives are kept apart; with more the test would cost what it saves.
const most = 32

// needs lists sets of words; every match of the expression contains a word of each.
func needs(re *syntax.Regexp) [][]string {
	if all := texts(re); all != nil {
		return need(all)
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return needs(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needs(re.Sub[0])
		}
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
