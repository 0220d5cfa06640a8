package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"nianbao/ingest"
	"nianbao/ingest/drop"
	"nianbao/internal/observe"
	"nianbao/internal/register"
)

func ingestCommand(p *place) *cobra.Command {
	var opt ingest.Options
	var asJSON bool
	var watched, metricsListen string
	var every time.Duration
	var journal journal
	c := &cobra.Command{
		Use:   "ingest PATH…",
		Short: "read files, folders and zip archives and load the reports into the warehouse",
		Long: `Reads every file, checks its figures, and loads the report. Folders and zip archives are gone through.
Bytes that are held already change nothing; other bytes for the same agency and year become a new version.
A file that is no report is rejected and does not stop the others. A report that does not tell its agency or year is kept
and waits for a person: nianbao waiting lists them. At the end all reports for the years that changed are checked.
What is loaded is loaded in batches, each as a whole or not at all; after an interruption run the command again.

With --watch it goes on looking into a folder for what people put there. A file that no longer changes is read and put away: into
done/ what was taken, into rejected/ what was not, with a file beside it that says why. What cannot be stored stays and is tried again.

Exit code 0 if all was loaded or held already, 3 if some files were rejected or wait (the rest is loaded), 1 on failure.`,
		Example: "  nianbao ingest reports/ 2024.zip\n  nianbao ingest --dry-run reports/\n  nianbao ingest --agency 示例区教育局 --year 2024 scan.pdf",
		Args: func(c *cobra.Command, args []string) error {
			if watched != "" {
				return cobra.NoArgs(c, args)
			}
			return cobra.MinimumNArgs(1)(c, args)
		},
		RunE: func(c *cobra.Command, paths []string) error {
			if watched != "" && opt.DryRun {
				return usageError{errors.New("ingest: --watch with --dry-run: want one of them")}
			}
			if year := opt.Year; c.Flags().Changed("year") && (year < 1900 || year > 2299) {
				return usageError{fmt.Errorf("ingest: --year %d, want a reporting year such as 2024", year)}
			}
			opt.Agency = strings.TrimSpace(opt.Agency)
			if c.Flags().Changed("agency") && opt.Agency == "" {
				return usageError{errors.New("ingest: --agency is empty, want the name of the agency")}
			}
			if opt.Region != "" && !register.ValidRegion(opt.Region) {
				return usageError{fmt.Errorf("ingest: --region %q, want the code of a division (GB/T 2260), such as 370304", opt.Region)}
			}
			if watched != "" {
				return watching(c, p, opt, watched, every, journal, metricsListen, asJSON)
			}
			show := newDisplay(c.OutOrStdout(), c.ErrOrStderr(), asJSON, opt.DryRun)
			opt.Log = plainLog(show.messages())
			opt.By = userName()
			opt.Found, opt.Read, opt.Each = show.found, show.read, show.result

			// A dry run makes no store where there is none.
			_, err := os.Stat(p.data)
			if nothingHeld := opt.DryRun && p.address() == "" && errors.Is(err, fs.ErrNotExist); !nothingHeld {
				if opt.Store, err = p.open(c.Context(), c, opt.Log); err != nil {
					return err
				}
			}
			ingest.CollectSeldom()
			report, err := ingest.Run(c.Context(), opt, paths)
			if opt.Store != nil {
				err = errors.Join(err, opt.Store.Close())
			}
			show.end(report)
			switch {
			case err != nil:
				return err
			case show.err != nil:
				return show.err
			case report.Files[ingest.Failed] > 0:
				return exit(failed)
			case report.Files[ingest.Rejected]+report.Files[ingest.Waiting] > 0:
				return exit(rejected)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&watched, "watch", "", "folder to look into until the program is told to end")
	table.Bind(f, "watch-every", &every)
	table.Bind(f, "metrics-listen", &metricsListen)
	journal.flags(f)
	f.BoolVar(&asJSON, "json", false, "print a JSON object a file")
	f.BoolVar(&opt.DryRun, "dry-run", false, "say what would change and write nothing")
	f.StringVar(&opt.Agency, "agency", "", "name of the agency, for all files, whatever they say")
	f.StringVar(&opt.Region, "region", "", "code of the division (GB/T 2260) the files come from, for names that do not say it")
	f.IntVar(&opt.Year, "year", 0, "reporting year, for all files, whatever they say")
	return c
}

// watching is ingest --watch.
func watching(c *cobra.Command, p *place, opt ingest.Options, dir string, every time.Duration, journal journal, metricsListen string, asJSON bool) error {
	log := journal.open(c.ErrOrStderr())
	metrics := observe.New(version)
	p.transport = metrics.Queries
	store, err := p.open(c.Context(), c, log)
	if err != nil {
		return err
	}
	watch(metrics, store)
	if metricsListen != "" {
		err = serveMetrics(c.Context(), metricsListen, metrics, log)
	}
	if err == nil {
		show := &display{out: c.OutOrStdout()}
		if asJSON {
			show = newDisplay(c.OutOrStdout(), c.ErrOrStderr(), true, false)
		}
		opt.Store, opt.Log, opt.By = store, log, userName()
		opt.Each = func(r ingest.Result) {
			metrics.File(r.MediaType, string(r.Status))
			show.result(r)
		}
		ingest.CollectSeldom()
		log.Info("nianbao watches", "folder", dir)
		err = (&drop.Folder{Dir: dir, Ingest: opt, Every: every, Log: log}).Watch(c.Context())
	}
	return errors.Join(err, store.Close())
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER")
}

// A display shows results: a bar on a terminal with the files that need attention above it, else a line a file.
type display struct {
	out, messagesTo io.Writer
	json            *json.Encoder // nil if not asked for
	dryRun          bool
	bars            *mpb.Progress // nil if there is no terminal
	bar             *mpb.Bar
	err             error // of writing
}

func newDisplay(out, errs io.Writer, asJSON, dryRun bool) *display {
	d := &display{out: out, messagesTo: errs, dryRun: dryRun}
	if asJSON {
		d.json = json.NewEncoder(out)
		d.json.SetEscapeHTML(false)
		return d
	}
	if isTerminal(out) && isTerminal(errs) {
		d.bars = mpb.New(mpb.WithOutput(errs))
		d.bar = d.bars.AddBar(0,
			mpb.PrependDecorators(decor.CountersNoUnit("%d / %d files")),
			mpb.AppendDecorators(decor.AverageSpeed(0, "%.0f/s"), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_GO)))
	}
	return d
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// messages is where sentences go while the run lasts.
func (d *display) messages() io.Writer {
	if d.bars != nil {
		return d.bars
	}
	return d.messagesTo
}

func (d *display) found(files int) {
	if d.bar != nil {
		d.bar.SetTotal(int64(files), false)
	}
}

func (d *display) read() {
	if d.bar != nil {
		d.bar.Increment()
	}
}

func (d *display) result(r ingest.Result) {
	var err error
	switch {
	case d.json != nil:
		err = d.json.Encode(r)
	case d.bar == nil:
		_, err = fmt.Fprintln(d.out, line(r))
	default:
		if attention(r) {
			_, err = fmt.Fprintln(d.bars, line(r))
		}
	}
	if d.err == nil {
		d.err = err
	}
}

func (d *display) end(report ingest.Report) {
	if d.bar != nil {
		d.bar.SetTotal(-1, true)
		d.bars.Wait()
	}
	fmt.Fprintln(d.messagesTo, summary(report, d.dryRun))
}

// attention tells whether a file needs a person.
func attention(r ingest.Result) bool {
	return r.Status == ingest.Waiting || r.Status == ingest.Rejected || r.Status == ingest.Failed
}

// line is a result for people.
func line(r ingest.Result) string {
	status := strings.ReplaceAll(string(r.Status), "_", " ")
	if attention(r) {
		code := ""
		if n := len(r.Problems); r.Status != ingest.Failed && n > 0 {
			code = r.Problems[n-1].Code + ": "
		}
		return fmt.Sprintf("%-11s  %s  %s%s", status, r.File, code, r.Message)
	}
	text := fmt.Sprintf("%-11s  %s  %s %d, version %d", status, r.File, r.Agency, r.Year, r.Version)
	if r.Message != "" {
		return text + ": " + r.Message
	}
	text += fmt.Sprintf(", cells: %d", r.Cells)
	if n := len(r.Problems); n > 0 {
		text += fmt.Sprintf(", problems: %d", n)
	}
	if r.FailedChecks > 0 {
		text += fmt.Sprintf(", failed checks: %d", r.FailedChecks)
	}
	return text
}

func summary(report ingest.Report, dryRun bool) string {
	files := 0
	var parts []string
	for _, o := range ingest.Outcomes {
		if n := report.Files[o]; n > 0 {
			files += n
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(o), "_", " ")))
		}
	}
	text := fmt.Sprintf("%d files", files)
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	left := 0
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(report.LeftOut)) {
		left += report.LeftOut[kind]
		kinds = append(kinds, fmt.Sprintf("%d %s", report.LeftOut[kind], kind))
	}
	if left > 0 {
		text += fmt.Sprintf("; %d left out as no reports (%s)", left, strings.Join(kinds, ", "))
	}
	if a := report.Assessed; a.Checked > 0 {
		text += fmt.Sprintf("; checked: %d", a.Checked)
	}
	if dryRun {
		text += "; nothing was written, this was a dry run"
	}
	return text
}
