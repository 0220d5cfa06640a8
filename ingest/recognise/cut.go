package recognise

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

func lastIsSum(x []int64) bool {
	last := len(x) - 1
	sum := int64(0)
	for _, v := range x[:last] {
		sum += v
	}
	return sum == x[last]
}

// fill makes a cell of what all solutions of its row say at place i.
func fill(c *form.Cell, solutions [][]int64, i int, rule string) {
	c.State, c.Rule = form.Ambiguous, rule+": several cuts or none"
	for _, x := range solutions {
		if s := fmt.Sprint(x[i]); !slices.Contains(c.Candidates, s) {
			c.Candidates = append(c.Candidates, s)
		}
	}
	if len(c.Candidates) == 1 {
		c.State, c.Rule, c.Value, c.Candidates = form.Number, rule, decimal.NewFromInt(solutions[0][i]), nil
	}
}

// mostCuts is how many cuts of one row are kept; a row with more is left open.
const mostCuts = 64

// cutRow cuts a run of digits into n numbers that satisfy fits. White space is where cells end if that leaves exactly one
// cut; it also stands inside runs of glued cells, so it is not required. nil if there is no cut or too many.
func cutRow(raw string, n int, fits func([]int64) bool) [][]int64 {
	var digits []byte
	ends := map[int]bool{} // places where white space stands
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] >= '0' && raw[i] <= '9':
			digits = append(digits, raw[i])
		case raw[i] == ' ':
			ends[len(digits)] = true
		default:
			return nil
		}
	}
	if len(digits) < n || len(digits) > 40 {
		return nil
	}
	var all, apart [][]int64
	numbers := make([]int64, n)
	places := make([]int, n)
	steps := 0
	var cut func(i, from int) bool // false when there are too many
	cut = func(i, from int) bool {
		if steps++; steps > 200_000 {
			return false
		}
		if i == n {
			if from != len(digits) || !fits(numbers) {
				return true
			}
			all = append(all, slices.Clone(numbers))
			respects := true
			for end := range ends {
				respects = respects && (end == 0 || end == len(digits) || slices.Contains(places, end))
			}
			if respects {
				apart = append(apart, slices.Clone(numbers))
			}
			return len(all) <= mostCuts
		}
		value := int64(0)
		for to := from + 1; to <= len(digits)-(n-1-i) && to-from <= 9; to++ {
			value = value*10 + int64(digits[to-1]-'0')
			numbers[i], places[i] = value, to
			if !cut(i+1, to) {
				return false
			}
			if digits[from] == '0' {
				break
			}
		}
		return true
	}
	if !cut(0, 0) {
		return nil
	}
	if len(all) > 1 && len(apart) == 1 {
		return apart
	}
	return all
}

// balance drops those cuts of rows that the column sums A1 and A2 rule out. It needs every row of the version and at
// least one choice for which all sums hold; where the printed sums are wrong it leaves the rows as they are.
func balance(solutions map[string][][]int64, version form.Version) {
	fm, ok := form.Lookup(version)
	if !ok {
		return
	}
	t, _ := fm.Table(form.Section3)
	var open []string
	combinations := 1
	for _, r := range t.Rows() {
		found := solutions[r.Code]
		if len(found) == 0 {
			return
		}
		if len(found) > 1 {
			open = append(open, r.Code)
			if combinations *= len(found); combinations > 20_000 {
				return
			}
		}
	}
	if len(open) == 0 {
		return
	}
	choice := map[string][]int64{}
	for code, found := range solutions {
		if len(found) > 0 {
			choice[code] = found[0]
		}
	}
	holds := func() bool {
		for c := range applicationColumns {
			done := int64(0)
			for _, g := range form.Groups {
				for _, row := range g.Rows {
					if x, ok := choice[row]; ok {
						done += x[c]
					}
				}
			}
			if done != choice["R7"][c] || choice["NEW"][c]+choice["CARRY_IN"][c] != choice["R7"][c]+choice["CARRY_OUT"][c] {
				return false
			}
		}
		return true
	}
	kept := map[string][][]int64{}
	var try func(i int)
	try = func(i int) {
		if i == len(open) {
			if holds() {
				for _, code := range open {
					if !slices.ContainsFunc(kept[code], func(x []int64) bool { return slices.Equal(x, choice[code]) }) {
						kept[code] = append(kept[code], choice[code])
					}
				}
			}
			return
		}
		for _, x := range solutions[open[i]] {
			choice[open[i]] = x
			try(i + 1)
		}
	}
	try(0)
	for _, code := range open {
		if len(kept[code]) > 0 {
			solutions[code] = kept[code]
		}
	}
}
