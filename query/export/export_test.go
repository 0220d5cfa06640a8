package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/export"
	"nianbao/query/export/verify"
	"nianbao/query/sample"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// district is the sample district with corrections, decisions, a withdrawn version and a file that waits. It returns a
// moment before the last correction.
func district(t *testing.T) (store *warehouse.Store, before time.Time) {
	t.Helper()
	store = sample.Empty(t)
	for _, sp := range sample.Specs() {
		if sp.Name != sample.Statistics { // its findings are not those of the checks
			sample.Commit(t, store, sp)
		}
	}
	sample.Commit(t, store, sample.Spec{Name: "-工业园区'局", Year: 2023, Version: form.V2021, New: 17, Change: func(s *warehouse.Submission) {
		for i, raw := range []string{"=1+1", "'x", "a\"b", "line\r\nbreak", "＝2"} {
			s.Cells[i].State, s.Cells[i].Raw, s.Cells[i].Value = form.Text, raw, decimal.Zero
		}
	}})
	commit := func(b warehouse.Batch) time.Time {
		t.Helper()
		b.ID, b.By = ulid.Make().String(), "张某"
		done, err := store.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		return done.CommittedAt
	}
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{Years: []int{2023}})
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) warehouse.Filing {
		return filings[slices.IndexFunc(filings, func(f warehouse.Filing) bool { return f.AgencyName == name })]
	}
	correct := func(f warehouse.Filing, path string, value int64) warehouse.CorrectionAct {
		k, err := form.ParseKey(path)
		if err != nil {
			t.Fatal(err)
		}
		return warehouse.CorrectionAct{Correction: ulid.Make().String(), Act: warehouse.Propose, Filing: f.ID, Agency: f.HeldAs, Year: f.Year, Key: k, State: form.Number,
			Value: decimal.NewFromInt(value), Reason: "=印错", Person: "张某"}
	}
	commit(warehouse.Batch{Corrections: []warehouse.CorrectionAct{correct(of(sample.Science), "section2.licensing.processed", 9)},
		Reviews: []warehouse.Review{{ID: ulid.Make().String(), Decision: warehouse.Confirm, Filing: of(sample.Transport).ID, FindingKey: warehouse.FindingKey{Agency: of(sample.Transport).HeldAs, Year: 2023, Rule: "A1",
			Table: form.Section3, Place: "total"}, Reason: "核实", Person: "李某"}},
		Waiting: []warehouse.WaitingFile{{SHA256: strings.Repeat("e", 64), Act: warehouse.Wait, File: "无名.html", Problems: []form.Problem{{Code: "agency_unknown", Message: "no agency"}}, ReceivedAt: time.Now()}}})
	before = commit(warehouse.Batch{Withdrawals: []warehouse.Withdrawal{{Filing: of(sample.Street).ID, Act: warehouse.Withdraw, Reason: "误传", Person: "王某"}}})
	commit(warehouse.Batch{Corrections: []warehouse.CorrectionAct{
		correct(of(sample.Housing), "section2.punishment.processed", 3), correct(of(sample.Civil), "section2.other_public_docs.made_new", 4)}}) // the latter is a cell that the report lacks
	return store, before
}

func write(t *testing.T, store *warehouse.Store, q export.Query) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := export.Write(t.Context(), store, "nianbao test", q, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func check(t *testing.T, archive []byte, opt verify.Options) verify.Result {
	t.Helper()
	r, err := verify.Package(t.Context(), bytes.NewReader(archive), int64(len(archive)), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// server makes the engine of a store answer at an address, as a server does.
func server(t *testing.T, store *warehouse.Store) *warehouse.Store {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Data: store.Data()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				to, err := e.DialContext(context.Background(), "tcp", "localhost")
				if err != nil {
					return
				}
				defer to.Close()
				go func() {
					defer to.Close()
					_, _ = io.Copy(to, client)
				}()
				_, _ = io.Copy(client, to)
			}()
		}
	}()
	s, err := warehouse.Open(t.Context(), warehouse.Options{DSN: "http://default:@" + listener.Addr().String() + "/" + warehouse.Database, Program: "nianbao test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// unpack gives the files of an archive.
func unpack(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	return files
}

// pack makes an archive. A forger also puts the hashes, sizes and row counts right.
func pack(t *testing.T, files map[string][]byte, forge bool) []byte {
	t.Helper()
	sum := func(b []byte) string {
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:])
	}
	if forge {
		var d map[string]any
		if err := json.Unmarshal(files[export.DescriptionFile], &d); err != nil {
			t.Fatal(err)
		}
		for _, r := range d["resources"].([]any) {
			r := r.(map[string]any)
			content := files[r["path"].(string)]
			r["bytes"], r["hash"] = len(content), "sha256:"+sum(content)
			if _, ok := r["rows"]; ok {
				r["rows"] = bytes.Count(content, []byte("\r\n")) - bytes.Count(content, []byte("line\r\nbreak")) - 1
			}
		}
		files[export.DescriptionFile], _ = json.Marshal(d)
		var b strings.Builder
		for name, content := range files {
			if name != export.ManifestFile {
				fmt.Fprintf(&b, "%s  %s\n", sum(content), name)
			}
		}
		files[export.ManifestFile] = []byte(b.String())
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPackage exports one store in many ways.
func TestPackage(t *testing.T) {
	store, before := district(t)
	q := export.Query{AsOf: time.Now().UTC(), Documents: true, Sample: 30, Seed: "审计", Changes: before.AddDate(-1, 0, 0)}
	archive := write(t, store, q)
	if r := check(t, archive, verify.Options{}); !r.Right() || r.Rows[form.CellsFile] < 3000 || r.Equal < 800 || r.Measures < 700 {
		t.Fatalf("%d cells, %d identities, %d measures: %s", r.Rows[form.CellsFile], r.Equal, r.Measures, strings.Join(r.Problems, "\n"))
	}
	files := unpack(t, archive)

	t.Run("again", func(t *testing.T) {
		if !bytes.Equal(write(t, store, q), archive) {
			t.Error("the same query gave another file")
		}
	})
	t.Run("from a server, with its parts merged", func(t *testing.T) {
		for _, table := range []string{"cells", "findings", "filings", "batches"} {
			if err := store.Conn().Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL"); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(write(t, server(t, store), q), archive) {
			t.Error("the same query gave another file")
		}
	})
	t.Run("of the past", func(t *testing.T) {
		old := export.Query{AsOf: before}
		one := write(t, store, old)
		sample.Commit(t, store, sample.Spec{Name: sample.Education, Year: 2023, Version: form.V2021, New: 5})
		if !bytes.Equal(write(t, store, old), one) {
			t.Error("the file of a past moment changed with a later commit")
		}
		if got := unpack(t, one); bytes.Contains(got[form.CellsFile], []byte("other_public_docs")) || !bytes.Contains(files[form.CellsFile], []byte("other_public_docs")) {
			t.Error("a correction is not where it belongs: in the file of later only")
		}
		if r := check(t, one, verify.Options{}); !r.Right() {
			t.Error(r.Problems)
		}
		if _, err := export.Write(t.Context(), store, "x", export.Query{AsOf: time.Now().Add(time.Hour)}, io.Discard); err == nil {
			t.Error("a state that may still change was exported")
		}
	})
	t.Run("of some", func(t *testing.T) {
		some := write(t, store, export.Query{AsOf: q.AsOf, Years: []int{2022, 2023}, Agencies: []string{warehouse.AgencyID(sample.Science), warehouse.AgencyID(sample.Education)}, BOM: true})
		r := check(t, some, verify.Options{})
		if !r.Right() || r.Rows[form.FilingsFile] != 4 {
			t.Errorf("%d filings: %v", r.Rows[form.FilingsFile], r.Problems)
		}
	})
	t.Run("guard", func(t *testing.T) {
		for _, want := range []string{`"'=1+1"`, `"''x"`, `"a""b"`, "\"line\r\nbreak\"", `"'＝2"`, `"'-工业园区'局"`} {
			if !bytes.Contains(files[form.CellsFile], []byte(want)) {
				t.Errorf("cells.csv has no %q", want)
			}
		}
		if !bytes.Contains(files[form.CorrectionsFile], []byte(`"'=印错"`)) {
			t.Error("corrections.csv: a reason is not guarded")
		}
	})
	t.Run("without this program", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, must(zip.NewReader(bytes.NewReader(archive), int64(len(archive))))); err != nil {
			t.Fatal(err)
		}
		run := func(name string, args ...string) string {
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skip(err)
			}
			cmd := exec.Command(path, args...)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s %v: %v\n%s", name, args, err, out)
			}
			return string(out)
		}
		if out := run("sha256sum", "-c", export.ManifestFile); strings.Count(out, ": OK") != len(files)-1 {
			t.Errorf("sha256sum: %s", out)
		}
		if out := run("python3", "-c", export.Script); !strings.Contains(out, sample.Transport) || strings.Count(out, "A1") != 1 {
			t.Errorf("the script of the README prints %q, want that A1 fails in the report of %s alone", out, sample.Transport)
		}
	})
	t.Run("a document that says something else", func(t *testing.T) {
		r := check(t, archive, verify.Options{Read: func(context.Context, string, []byte) form.Filing { return form.Filing{} }})
		if r.Right() || r.Read == 0 {
			t.Error("nothing was found")
		}
	})
	t.Run("published head", func(t *testing.T) {
		last := check(t, archive, verify.Options{}).Origin.Chain
		if r := check(t, archive, verify.Options{Head: &last}); !r.Right() {
			t.Error(r.Problems)
		}
		last.Hash = strings.Repeat("a", 64)
		if r := check(t, archive, verify.Options{Head: &last}); r.Right() {
			t.Error("another head was taken")
		}
	})
	t.Run("forged", func(t *testing.T) { forgeries(t, archive) })
	t.Run("spreadsheet", func(t *testing.T) { spreadsheet(t, files[form.CellsFile]) })
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// forgeries changes one thing after another, without and with the hashes put right.
func forgeries(t *testing.T, archive []byte) {
	line := func(content []byte, has ...string) []byte {
		t.Helper()
		for l := range bytes.Lines(content) {
			if !slices.ContainsFunc(has, func(h string) bool { return !bytes.Contains(l, []byte(h)) }) {
				return l
			}
		}
		t.Fatalf("no line has %q", has)
		return nil
	}
	change := func(file string, change func([]byte) []byte) func(map[string][]byte) {
		return func(files map[string][]byte) {
			before := files[file]
			if files[file] = change(bytes.Clone(before)); bytes.Equal(before, files[file]) {
				t.Errorf("%s was not changed", file)
			}
		}
	}
	replace := func(file, old, now string, has ...string) func(map[string][]byte) {
		return change(file, func(b []byte) []byte {
			l := line(b, append(has, old)...)
			return bytes.Replace(b, l, bytes.Replace(l, []byte(old), []byte(now), 1), 1)
		})
	}
	cell := []string{`"section3"`, `"NEW"`, `"total"`, sample.Science, "2023,"}
	for _, c := range []struct {
		name   string
		change func(map[string][]byte)
		want   string // also with the hashes put right
	}{
		{"a value", replace(form.CellsFile, `52,"number","52"`, `53,"number","53"`, cell...), "identity A"},
		{"a value and what it adds up to", change(form.CellsFile, func(b []byte) []byte {
			for _, row := range []string{"NEW", "R7", "R1"} {
				for _, column := range []string{"total", "natural"} {
					l := line(b, `"section3"`, `"`+row+`"`, `"`+column+`"`, sample.Civil, "2023,")
					b = bytes.Replace(b, l, bytes.Replace(l, []byte(`0,"number","0"`), []byte(`1,"number","1"`), 1), 1)
				}
			}
			return b
		}), "measure received"},
		{"a cell is missing", change(form.CellsFile, func(b []byte) []byte { return bytes.Replace(b, line(b, cell...), nil, 1) }), "rows in cells.csv"},
		{"a cell stands twice", change(form.CellsFile, func(b []byte) []byte {
			l := line(b, cell...)
			return bytes.Replace(b, l, append(bytes.Clone(l), l...), 1)
		}), "a row before it has the same"},
		{"two values are swapped", change(form.CellsFile, func(b []byte) []byte {
			l, m := line(b, cell...), line(b, `"section3"`, `"R7"`, `"total"`, sample.Health, "2023,")
			return bytes.Replace(bytes.Replace(b, l, bytes.Replace(l, []byte(`52,"number"`), []byte(`120,"number"`), 1), 1), m, bytes.Replace(m, []byte(`120,"number"`), []byte(`52,"number"`), 1), 1)
		}), "identity A1"},
		{"a blank becomes 0", replace(form.CellsFile, `,"blank","",`, `0,"number","",`, "R3_4"), "measure refused"},
		{"a state", replace(form.CellsFile, `"number"`, `"nothing"`), "has state"},
		{"a correction is hidden", replace(form.CellsFile, `true,"`, `false,"`), "is not corrected and has a correction"},
		{"a finding", replace(form.FindingsFile, `"fail"`, `"pass"`), "identity A"},
		{"a finding is missing", change(form.FindingsFile, func(b []byte) []byte { return bytes.Replace(b, line(b, `"fail"`), nil, 1) }), "rows in findings.csv"},
		{"a measure", replace(form.MeasuresFile, `"open_rate"`, `"done_rate"`), "same filing, measure"},
		{"the state of a measure", replace(form.MeasuresFile, `"value"`, `"zero"`, "open_rate"), "measure open_rate"},
		{"a share", replace(form.MeasuresFile, ".", ".1", "open_rate", `"value"`), "measure open_rate"},
		{"a report counts again", replace(form.FilingsFile, "false,true,", "true,false,"), "withdrawn"},
		{"somebody who did not file is gone", change(form.ExcludedFile, func(b []byte) []byte { return bytes.Replace(b, line(b, "not_received"), nil, 1) }), "missing"},
		{"a link of the chain", replace(form.ChainFile, `"张某"`, `"王某"`), "hash of its content"},
		{"a cell of the sample", replace(form.SampleFile, `"section3","`, `"section3","NEW`), "was not drawn"},
		{"a document", func(files map[string][]byte) {
			for name := range files {
				if strings.HasPrefix(name, export.DocumentsFolder) {
					files[name] = append(files[name], ' ')
					return
				}
			}
		}, "not the file that was handed in"},
		{"a file is gone", func(files map[string][]byte) { delete(files, form.ReviewsFile) }, "reviews.csv is missing"},
		{"a file more", func(files map[string][]byte) { files["more.txt"] = []byte("x") }, "more.txt is not described"},
		{"a number is a text", replace(form.CellsFile, `52,"number"`, `"52","number"`, cell...), "column value"},
		{"the totals", replace(export.DescriptionFile, `"withdrawn": 1`, `"withdrawn": 0`), "totals"},
		{"a description", replace(export.DescriptionFile, `"title": "年度"`, `"title": "月份"`), "described otherwise"},
	} {
		for _, forge := range []bool{false, true} {
			files := unpack(t, archive)
			c.change(files)
			r := check(t, pack(t, files, forge), verify.Options{})
			if all := strings.Join(r.Problems, "\n"); !strings.Contains(all, c.want) {
				t.Errorf("%s (hashes put right: %t): want %q among\n%.2000s", c.name, forge, c.want, all)
			}
		}
	}
	// The list of hashes alone, which the description confirms nothing of.
	files := unpack(t, archive)
	files[export.ManifestFile] = bytes.Replace(files[export.ManifestFile], files[export.ManifestFile][:8], []byte("00000000"), 1)
	if r := check(t, pack(t, files, false), verify.Options{}); len(r.Problems) != 1 || !strings.Contains(r.Problems[0], export.ManifestFile+" says 00000000") {
		t.Errorf("a forged list of hashes: %v", r.Problems)
	}
	for i := range 40 { // a byte anywhere, a file cut off anywhere
		b := bytes.Clone(archive)
		b[(i*7919+i*i*31)%len(b)] ^= 0x10
		r := check(t, b, verify.Options{})
		if same := unpackable(b, archive); r.Right() && !same {
			t.Errorf("byte %d was changed, and nothing was found", (i*7919+i*i*31)%len(b))
		}
		if r := check(t, archive[:len(archive)*i/40], verify.Options{}); r.Right() {
			t.Errorf("%d of %d bytes are right", len(archive)*i/40, len(archive))
		}
	}
}

// unpackable reports whether two archives hold the same files: some bytes of an archive mean nothing.
func unpackable(a, b []byte) bool {
	read := func(archive []byte) string {
		z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			return err.Error()
		}
		var out strings.Builder
		for _, f := range z.File {
			in, err := f.Open()
			if err != nil {
				return err.Error()
			}
			h := sha256.New()
			_, err = io.Copy(h, in)
			fmt.Fprintln(&out, f.Name, hex.EncodeToString(h.Sum(nil)), err)
		}
		return out.String()
	}
	return read(a) == read(b)
}

// spreadsheet opens a file as people do, where the program for it is installed: no text is calculated, none is changed.
func spreadsheet(t *testing.T, content []byte) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cells.csv"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	// 44 comma, 34 quotation mark, 76 UTF-8; out again with all texts in quotation marks
	cmd := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--infilter=CSV:44,34,76,1,,0,false,true,false", "--convert-to",
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false", "--outdir", dir+"/out", filepath.Join(dir, "cells.csv"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := os.ReadFile(dir + "/out/cells.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"=1+1", "'x", "年", sample.Science} {
		if want != "年" && !bytes.Contains(out, []byte(want)) {
			t.Errorf("the spreadsheet has no %q", want)
		}
	}
	if got, want := bytes.Count(out, []byte("\n")), bytes.Count(content, []byte("\n")); got != want {
		t.Errorf("the spreadsheet has %d lines, want %d", got, want)
	}
}
