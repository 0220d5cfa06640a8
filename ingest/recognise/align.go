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
			_, words := enumerator(clean(p))
			out[i].parents = append(out[i].parents, newTarget("", words, nil))
		}
	}
	return out
}

// owns are the rows' own labels.
func owns(rows []rowTarget) []target {
	out := make([]target, len(rows))
	for i := range rows {
		out[i] = rows[i].own
	}
	return out
}

// Least similarities of a printed label with the catalogue's.
const (
	certain  = 0.75 // taken for the label on its own
	probable = 0.45 // taken only with neighbours that leave one place for it
)

// own is the reading of a row's own label: the label next to the figures.
func (l line) own() string {
	if n := len(l.labels); n > 0 {
		return l.labels[n-1]
	}
	return ""
}

// spare are further readings of a row's own label, for a label that was split over cells or lines or moved above the row.
func (l line) spare() []string {
	var out []string
	n := len(l.labels)
	all := strings.Join(l.labels, "")
	if n > 1 {
		out = append(out, l.labels[n-2]+l.labels[n-1], all)
	}
	tail := l.before
	if len(tail) > 3 {
		tail = tail[len(tail)-3:]
	}
	for i := range tail {
		out = append(out, strings.Join(tail[i:], "")+all)
	}
	return out
}

// likenesses scores a printed row against all rows of the catalogue: similarity of its own label, and what enumerator
// and parents add or take away. 0 means not to be matched.
func likenesses(l line, rows []rowTarget, labels memo) (scores, similar []float64) {
	scores, similar = make([]float64, len(rows)), make([]float64, len(rows))
	parent := ""
	if n := len(l.labels); n > 1 {
		parent = wordsOf(clean(strings.Join(l.labels[:n-1], "")))
	}
	try := func(texts []string, compare func(*target, *printedLabel) float64) bool {
		sure := false
		for _, text := range texts {
			own := labels.prepare(text)
			for j := range rows {
				t := &rows[j]
				s := compare(&t.own, own)
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
				if parent != "" && len(t.parents) > 0 && strings.Contains(parent, t.parents[len(t.parents)-1].words[0]) {
					score += 0.25
				}
				scores[j], similar[j] = max(scores[j], score), max(similar[j], s)
				sure = sure || s >= certain
			}
		}
		return sure
	}
	exact := func(t *target, p *printedLabel) float64 {
		if t.is(p) {
			return 1
		}
		return 0
	}
	own := []string{l.own()}
	if try(own, exact) || try(own, (*target).similarity) {
		return scores, similar
	}
	spare := l.spare()
	_ = try(spare, exact) || try(spare, (*target).similarity)
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
func align(lines []line, rows []rowTarget, labels memo) []match {
	n, m := len(lines), len(rows)
	score := make([][]float64, n)
	similar := make([][]float64, n)
	for i, l := range lines {
		score[i], similar[i] = likenesses(l, rows, labels)
	}
	best := make([][]float64, n+1)
	space := make([]float64, (n+1)*(m+1))
	for i := range best {
		best[i] = space[i*(m+1) : (i+1)*(m+1)]
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
