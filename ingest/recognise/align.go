package recognise

import (
	"strings"

	"nianbao/internal/form"
)

// rowTarget is a row of the catalogue to align printed rows with.
type rowTarget struct {
	row     form.Row
	own     target
	parents []target
}

func rowTargets(rows []form.Row) []rowTarget {
	out := make([]rowTarget, len(rows))
	for i, r := range rows {
		out[i] = rowTarget{row: r, own: newTarget(r.Number, r.Label, r.Variants)}
		for _, p := range r.Parents {
			number := ""
			if m := enumerator.FindString(clean(p)); m != "" {
				number = m
			}
			out[i].parents = append(out[i].parents, newTarget(number, strings.TrimPrefix(clean(p), number), nil))
		}
	}
	return out
}

// Least similarities of a printed label with the catalogue's.
const (
	certain  = 0.75 // taken for the label on its own
	probable = 0.45 // taken only with neighbours that leave one place for it
)

// printedRow is a printed row prepared for comparison.
type printedRow struct {
	own    []printedLabel // readings of its own label, best first; those of the second kind only when no other fits
	spare  []printedLabel
	parent string // words of the labels left of its own
}

func prepareRow(l line) printedRow {
	var p printedRow
	n := len(l.labels)
	if n > 0 {
		p.own = append(p.own, prepare(l.labels[n-1]))
		p.parent = wordsOf(clean(strings.Join(l.labels[:n-1], "")))
		if n > 1 { // a label split over cells or lines
			p.spare = append(p.spare, prepare(l.labels[n-2]+l.labels[n-1]), prepare(strings.Join(l.labels, "")))
		}
	}
	tail := l.before // a row whose label was moved above it
	if len(tail) > 3 {
		tail = tail[len(tail)-3:]
	}
	for i := range tail {
		p.spare = append(p.spare, prepare(strings.Join(tail[i:], "")+strings.Join(l.labels, "")))
	}
	return p
}

// likenesses scores a printed row against all rows of the catalogue: similarity of its own label, and what enumerator
// and parents add or take away. 0 means not to be matched.
func likenesses(p printedRow, rows []rowTarget) (scores, similar []float64) {
	scores, similar = make([]float64, len(rows)), make([]float64, len(rows))
	try := func(labels []printedLabel, compare func(target, printedLabel) float64) bool {
		sure := false
		for _, own := range labels {
			for j, t := range rows {
				s := compare(t.own, own)
				if s < probable {
					similar[j] = max(similar[j], s)
					continue
				}
				score := s
				if own.number != "" && t.own.number != "" {
					if own.number == t.own.number {
						score += 0.25
					} else {
						score -= 0.25
					}
				}
				if p.parent != "" && len(t.parents) > 0 && strings.Contains(p.parent, t.parents[len(t.parents)-1].words[0]) {
					score += 0.25
				}
				scores[j], similar[j] = max(scores[j], score), max(similar[j], s)
				sure = sure || s >= certain
			}
		}
		return sure
	}
	exact := func(t target, p printedLabel) float64 {
		if t.is(p) {
			return 1
		}
		return 0
	}
	_ = try(p.own, exact) || try(p.own, target.similarity) || try(p.spare, exact) || try(p.spare, target.similarity)
	return scores, similar
}

// match is a printed row assigned to a row of the catalogue.
type match struct {
	line, row  int
	similarity float64
}

// align assigns printed rows to catalogue rows, both in order, so that the sum of likenesses is greatest
// (Needleman & Wunsch 1970, without a price for gaps). A misprinted, missing or additional row so never shifts its
// neighbours. Matches below certain are for the caller to confirm.
func align(lines []line, rows []rowTarget) []match {
	n, m := len(lines), len(rows)
	score := make([][]float64, n)
	similar := make([][]float64, n)
	for i, l := range lines {
		score[i], similar[i] = likenesses(prepareRow(l), rows)
	}
	best := make([][]float64, n+1)
	for i := range best {
		best[i] = make([]float64, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if score[i][j] > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+score[i][j])
			}
		}
	}
	var out []match
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case score[i][j] > 0 && best[i][j] == best[i+1][j+1]+score[i][j]:
			out = append(out, match{line: i, row: j, similarity: similar[i][j]})
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
	return out
}
