package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"nianbao/internal/warehouse"
)

// TestAReaderDuringALoadSeesBatchesAsAWhole reads, while reports are loaded and replaced and years are checked, what was
// known at the newest moment there is, and reads the same moment again when all is done.
func TestAReaderDuringALoadSeesBatchesAsAWhole(t *testing.T) {
	s := store(t)
	files := map[string][]byte{}
	for i := range 40 {
		body := page(fmt.Sprintf("淄博市博山区第%d局", i), 2023, 1+i)
		for version := range 3 {
			files[fmt.Sprintf("%d/%02d.html", version, i)] = append(bytes.Clone(body), fmt.Sprintf("<!-- %d -->", version)...)
		}
	}
	dir := write(t, files)
	known := func(asOf time.Time) string {
		filings, err := s.Filings(t.Context(), asOf, warehouse.Filter{})
		if err != nil {
			t.Error(err)
			return ""
		}
		assessed, err := s.Assessments(t.Context(), asOf)
		if err != nil {
			t.Error(err)
			return ""
		}
		contents, err := s.Contents(t.Context(), filings, warehouse.Wanted{})
		if err != nil {
			t.Error(err)
			return ""
		}
		var b strings.Builder
		for _, f := range filings {
			a, ok := assessed[f.ID]
			if !ok || a.Total() == 0 || len(contents[f.ID].Cells) != 15 {
				t.Errorf("as of %s filing %s is visible with %d cells and %d findings", asOf, f.ID, len(contents[f.ID].Cells), a.Total())
			}
			fmt.Fprintln(&b, f.ID, f.Version, a.Digest)
		}
		return b.String()
	}
	type reading struct {
		at   time.Time
		text string
	}
	done := make(chan struct{})
	readings := make(chan []reading)
	go func() {
		var list []reading
		defer func() { readings <- list }()
		for {
			_, at, err := s.DataVersion(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if n := len(list); !at.IsZero() && (n == 0 || !list[n-1].at.Equal(at)) {
				list = append(list, reading{at, known(at)})
			}
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	for version := range 3 {
		ingest(t, Options{Store: s}, dir, fmt.Sprintf("%s/%d", dir, version))
	}
	close(done)
	list := <-readings
	if len(list) < 3 {
		t.Errorf("%d states were seen, want several", len(list))
	}
	for _, r := range list {
		if now := known(r.at); now != r.text {
			t.Errorf("as of %s the reader saw\n%s\nand later it is\n%s", r.at, r.text, now)
		}
	}
}
