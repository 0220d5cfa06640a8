package assess

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nianbao/ingest/check"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Reports checks the visible filings of some reports again after their figures changed, and those that other checks lead
// to: the same body's next one and that of the body above. It stores the findings that differ from those held.
//
// It reads little of the other reports of the year: the figures by which peers are compared, not their texts. What an
// earlier assessment of the filing said about texts stands, for figures do not touch them.
func Reports(ctx context.Context, opt Options, changed ...check.Report) (Result, error) {
	var result Result
	r, err := begin(ctx, opt)
	if err != nil {
		return result, fmt.Errorf("check: %w", err)
	}
	agencies := map[int][]string{} // by year
	for _, report := range check.Affected(changed, r.register) {
		agencies[report.Year] = append(agencies[report.Year], report.Agency)
	}
	for year, codes := range agencies {
		n, changed, err := r.some(ctx, year, codes)
		if err != nil {
			return result, fmt.Errorf("check %d reports for %d: %w", len(codes), year, err)
		}
		if n > 0 {
			result.Years++
		}
		result.Checked += n
		result.Changed += len(changed)
		if err := r.store(ctx, changed); err != nil {
			return result, fmt.Errorf("check %d reports for %d: %w", len(codes), year, err)
		}
	}
	return result, nil
}

// some checks the reports of a few bodies for a year.
func (r *run) some(ctx context.Context, year int, codes []string) (n int, changed []warehouse.Assessment, err error) {
	store := r.opt.Store
	all, err := store.Filings(ctx, time.Time{}, warehouse.Filter{Years: []int{year}})
	if err != nil {
		return 0, nil, err
	}
	var targets, members, peers []warehouse.Filing
	for _, f := range all {
		a, _ := r.register.Agency(f.Agency)
		switch {
		case slices.Contains(codes, f.Agency):
			targets = append(targets, f)
		case slices.Contains(codes, a.Parent):
			members = append(members, f)
		default:
			peers = append(peers, f)
		}
	}
	if len(targets) == 0 {
		return 0, nil, nil
	}
	prior, err := store.Filings(ctx, time.Time{}, warehouse.Filter{Years: []int{year - 1}, Agencies: codes})
	if err != nil {
		return 0, nil, err
	}
	before, err := r.extract(ctx, year-1, prior, compared)
	if err != nil {
		return 0, nil, err
	}
	now, err := r.extract(ctx, year, slices.Concat(targets, members), warehouse.Wanted{Cells: check.Compared})
	if err != nil {
		return 0, nil, err
	}
	others, err := r.extract(ctx, year, peers, warehouse.Wanted{Cells: check.PeerCells})
	if err != nil {
		return 0, nil, err
	}
	context := check.YearOf(year, append(now, others...), before, r.register)
	read, err := r.read(ctx, year, targets, warehouse.Everything)
	if err != nil {
		return 0, nil, err
	}
	for i, f := range targets {
		c := context.Context(f.Agency, &read[i])
		figures := *c.Peers
		figures.Texts = nil
		c.Peers = &figures
		held, err := store.Findings(ctx, time.Time{}, f)
		if err != nil {
			return 0, nil, err
		}
		findings := keepTexts(Findings(&read[i], c), held)
		if warehouse.Digest(findings) != warehouse.Digest(held) {
			changed = append(changed, warehouse.Assessment{Filing: f.ID, Agency: f.HeldAs, Year: year, Findings: findings})
		}
	}
	return len(targets), changed, nil
}

// keepTexts puts what was found before about texts in the place of findings made without the texts.
func keepTexts(findings, held []form.Finding) []form.Finding {
	texts := slices.DeleteFunc(slices.Clone(held), func(f form.Finding) bool { return !check.ComparesTexts(f.Rule) })
	if len(texts) == 0 {
		return findings
	}
	kept := slices.DeleteFunc(findings, func(f form.Finding) bool { return check.ComparesTexts(f.Rule) })
	return append(kept, texts...)
}
