package main

import (
	"context"
	"log/slog"

	"nianbao/dashboard/page"
	"nianbao/ingest"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
)

// uploads lets the page take files of at most some MiB each.
func uploads(store *warehouse.Store, log *slog.Logger, metrics *observe.Metrics, mebibytes int) *page.Uploads {
	return &page.Uploads{MostBytes: int64(mebibytes) << 20, Take: func(ctx context.Context, person string, files []page.SentFile) ([]page.Taken, error) {
		sent := make([]ingest.Sent, len(files))
		for i, f := range files {
			sent[i] = ingest.Sent{Name: f.Name, Path: f.Path}
		}
		var taken []page.Taken
		_, err := ingest.Files(ctx, ingest.Options{Store: store, By: person, Log: log, Each: func(r ingest.Result) {
			metrics.File(r.MediaType, string(r.Status))
			taken = append(taken, page.Taken{File: r.File, Outcome: string(r.Status), Message: r.Message, Agency: r.Agency, AgencyID: r.AgencyID, Year: r.Year})
		}}, sent)
		return taken, err
	}}
}
