package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// sevenZip writes a 7z archive whose files are stored as they are, all in one stream.
func sevenZip(entries ...rarEntry) []byte {
	var packed, names, sums, sizes []byte
	number := func(n int) []byte { // 0 to 2^35, with a mark of how many bytes follow
		if n < 0x80 {
			return []byte{byte(n)}
		}
		return append([]byte{0xF0}, binary.LittleEndian.AppendUint32(nil, uint32(n))...)
	}
	for i, e := range entries {
		packed = append(packed, e.bytes...)
		sums = binary.LittleEndian.AppendUint32(sums, crc32.ChecksumIEEE(e.bytes))
		if i < len(entries)-1 {
			sizes = append(sizes, number(len(e.bytes))...)
		}
		for _, u := range append(utf16.Encode([]rune(e.name)), 0) {
			names = binary.LittleEndian.AppendUint16(names, u)
		}
	}
	header := bytes.Join([][]byte{
		{1, 4},                                 // header, main streams
		{6, 0, 1, 9}, number(len(packed)), {0}, // one packed stream
		{7, 11, 1, 0, 1, 1, 0, 12}, number(len(packed)), {0}, // unpacked by one coder, which copies
		{8, 13}, number(len(entries)), {9}, sizes, {10, 1}, sums, {0, 0}, // its parts
		{5}, number(len(entries)), {17}, number(len(names) + 1), {0}, names, {0, 0}, // their names
	}, nil)
	start := binary.LittleEndian.AppendUint64(nil, uint64(len(packed)))
	start = binary.LittleEndian.AppendUint64(start, uint64(len(header)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(header))
	out := append([]byte("7z\xBC\xAF\x27\x1C\x00\x04"), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	return append(append(append(out, start...), packed...), header...)
}

// A member of an archive of any kind is the file that was put in, to the byte.
func TestMembersAreTheFiles(t *testing.T) {
	files := map[string][]byte{"报告/一.html": page(education, 2023, 1), "二.html": page(science, 2022, 12)}
	var entries []rarEntry
	var zipped []entry
	for name, b := range files {
		entries = append(entries, rarEntry{name: name, bytes: b})
		zipped = append(zipped, entry{name: name, bytes: b})
	}
	inner := archive(t, zipped...)
	for name, b := range map[string][]byte{
		"a.zip": inner, "a.rar": rar5(entries...), "a.7z": sevenZip(entries...),
		"zip in rar": rar5(rarEntry{name: "b.zip", bytes: inner}), "rar in 7z": sevenZip(rarEntry{name: "b.rar", bytes: rar5(entries...)}),
	} {
		t.Run(name, func(t *testing.T) {
			found := map[string]bool{}
			dir := write(t, map[string][]byte{filepath.Base(name): b})
			_, err := Run(t.Context(), Options{DryRun: true, Each: func(r Result) {
				for inside, b := range files {
					if strings.HasSuffix(r.File, "!/"+inside) && r.SHA256 == hash(b) && r.Status == Loaded && r.Cells == 15 {
						found[inside] = true
					}
				}
			}}, []string{dir})
			if err != nil || len(found) != len(files) {
				t.Errorf("%v: found %v, want all of %d files as they were put in", err, found, len(files))
			}
		})
	}
}

// FuzzArchive walks archives of any bytes: no member leads out, none is longer than allowed, all come in order.
func FuzzArchive(f *testing.F) {
	report := page(education, 2023, 1)
	inner := rarEntry{name: "a/1.html", bytes: report[:200]}
	f.Add(rar5(inner, rarEntry{name: "../x"}))
	f.Add(rar4(inner))
	f.Add(sevenZip(inner, rarEntry{name: "b.rar", bytes: rar5(inner)}))
	var b bytes.Buffer
	b.WriteString("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Disposition: attachment; filename=b.rar\r\n\r\n")
	b.Write(rar5(inner))
	b.WriteString("\r\n--x--\r\n")
	f.Add(b.Bytes())
	b.Reset()
	z := zip.NewWriter(&b)
	for _, name := range []string{"a/1.html", "b.rar", "../c.html"} {
		member, err := z.Create(name)
		if err == nil {
			_, err = member.Write(rar5(inner))
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		kind, ok := formatOf("a", bytes.NewReader(b), int64(len(b)))
		if !ok {
			return
		}
		jobs := make(chan *item)
		w := walk{opt: Options{DryRun: true}, jobs: jobs, inFlight: newBudget(), leftOut: map[string]int{}}
		left := newAllowance(int64(len(b)))
		room := left.bytes
		walked := make(chan error)
		go func() {
			defer close(jobs)
			err := w.archive(t.Context(), "a", kind, bytes.NewReader(b), int64(len(b)), left, 1)
			if err == nil {
				err = w.send(t.Context())
			}
			walked <- err
		}()
		sequence := 0
		for {
			select {
			case err := <-walked:
				if err != nil {
					t.Error(err)
				}
				return
			case it := <-jobs:
				w.inFlight.release(it.charged)
				if it.sequence != sequence {
					t.Errorf("%s is number %d of the walk, want %d", it.name, it.sequence, sequence)
				}
				sequence++
				if it.result.Status != "" {
					continue
				}
				if name, inside := strings.CutPrefix(it.name, "a!/"); !inside || !filepath.IsLocal(name) {
					t.Errorf("member %q leads out of its archive", it.name)
				}
				if room -= int64(len(it.bytes)); room < 0 {
					t.Errorf("members have more bytes than are accepted")
				}
			}
		}
	})
}
