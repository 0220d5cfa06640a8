package pdf

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
)

// impatient readers give up soon, so that tests of what never ends do end.
func impatient() *readers {
	return newReaders(1, 500*time.Millisecond, 2*time.Second)
}

// answered checks that a file was read into a sound document or refused with a reason.
func answered(t *testing.T, d *document.Document, err error) (code string) {
	t.Helper()
	var r *document.Refusal
	switch {
	case errors.As(err, &r):
		known := []string{document.Damaged, document.TooLarge, document.Nesting, document.Encrypted, document.Empty, document.TooManyCells, Timeout, Scan}
		if !slices.Contains(known, r.Problem.Code) || r.Problem.Message == "" {
			t.Errorf("refused with the code %q and the message %q", r.Problem.Code, r.Problem.Message)
		}
		return r.Problem.Code
	case err != nil:
		t.Errorf("got the error %v, want a refusal", err)
	default:
		if err := documenttest.Check(d); err != nil {
			t.Error(err)
		}
	}
	return ""
}

func TestDamagedFiles(t *testing.T) {
	whole := file("", nil, show(20, 180, "一、标题")+grid(20, 160, table, "乙|34|5"))
	printed, err := os.ReadFile("testdata/breaks.pdf")
	if err != nil {
		t.Fatal(err)
	}
	read := func(t *testing.T, b []byte) string {
		t.Helper()
		d, err := Read(t.Context(), b, document.DefaultLimits)
		return answered(t, d, err)
	}
	t.Run("cut short", func(t *testing.T) {
		for n := 0; n < len(whole); n += 1 + len(whole)/100 {
			read(t, whole[:n])
		}
		for n := 0; n < len(printed); n += 1 + len(printed)/50 {
			read(t, printed[:n])
		}
	})
	t.Run("with wrong bytes", func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			b := slices.Clone(whole)
			if random.IntN(4) == 0 {
				b = slices.Clone(printed)
			}
			for range 1 + random.IntN(20) {
				b[random.IntN(len(b))] = byte(random.IntN(256))
			}
			read(t, b)
		}
	})
	for _, test := range []struct {
		name, code string
		file       []byte
	}{
		{"nothing", document.Damaged, nil},
		{"only the first line", document.Damaged, []byte("%PDF-1.7\n")},
		{"no pages", document.Empty, assemble(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 0/Kids[]>>"}, 3, "")},
		{"more pages than it has", "", []byte(strings.Replace(string(whole), "/Count 1", "/Count 9", 1))},
		{"a page tree in a circle", "", assemble(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 3/Kids[2 0 R 2 0 R]>>"}, 3, "")},
		{"a page as wide as the world", "", []byte(strings.Replace(string(whole), "[0 0 300 200]", "[0 0 1e30 1e30]", 1))},
		{"a page without extent", "", []byte(strings.Replace(string(whole), "[0 0 300 200]", "[5 5 5 5]", 1))},
		{"a password", document.Encrypted, assemble(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 0/Kids[]>>",
			3: "<</Filter/Standard/V 1/R 2/O<" + strings.Repeat("41", 32) + ">/U<" + strings.Repeat("42", 32) + ">/P -4>>"}, 4,
			"/Encrypt 3 0 R/ID[<00><00>]")},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := read(t, test.file); test.code != "" && got != test.code {
				t.Errorf("refused with the code %q, want %q", got, test.code)
			}
		})
	}
}

// zeros is a stream that unpacks to so many MB of the text.
func packed(text string, size int) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	chunk := bytes.Repeat([]byte(text), 1<<20/len(text))
	for range size {
		z.Write(chunk)
	}
	z.Close()
	return stream("/Filter/FlateDecode", b.String())
}

// Files made to take all time or memory are given up, each alone: the next file is read.
func TestBombs(t *testing.T) {
	forms := func(wide, deep int) ([]string, string) {
		var added []string
		for i := range deep {
			content := strings.Repeat("/F Do ", wide)
			if i == deep-1 {
				content = "0 0 m 1 1 l S"
			}
			added = append(added, stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>", 10+i+1), content))
		}
		return added, "/F Do"
	}
	many, content := forms(20, 15)
	r := impatient()
	for _, test := range []struct {
		name  string
		codes []string
		file  []byte
	}{
		{"forms in forms", []string{Timeout, document.TooLarge, document.Damaged}, file("/XObject<</F 10 0 R>>", many, content)},
		{"a packed page of a GB", []string{Timeout, document.TooLarge, document.Damaged}, replaceContent(packed("0 0 m 9 9 l S q Q  ", 1024))},
		{"a page of a million lines", []string{Timeout, document.TooLarge, document.Damaged}, file("", nil, strings.Repeat("0 0 m 9 9 l S ", 1<<20))},
		{"a page of a million characters", []string{"", Timeout, document.TooLarge, document.Damaged}, file("", nil, "BT /H 10 Tf ("+strings.Repeat("1", 1<<20)+") Tj ET")},
		{"brackets in brackets", []string{"", document.Damaged, document.Empty, Timeout}, file("", nil, strings.Repeat("[", 1<<20))},
	} {
		t.Run(test.name, func(t *testing.T) {
			limits := document.DefaultLimits
			limits.Text = 1 << 19
			d, err := r.read(t.Context(), test.file, limits)
			if code := answered(t, d, err); !slices.Contains(test.codes, code) {
				t.Errorf("refused with the code %q, want one of %q", code, test.codes)
			}
			d, err = r.read(t.Context(), file("", nil, show(20, 180, "下一份。")), limits)
			if err != nil || len(d.Blocks) != 1 {
				t.Errorf("the next file: %v, %v", d, err)
			}
		})
	}
}

// replaceContent is a file whose only page has this stream as its content.
func replaceContent(content string) []byte {
	return assemble(map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R>>", 4: content,
	}, 5, "")
}

func TestLimits(t *testing.T) {
	limits := document.DefaultLimits
	limits.Bytes = 100
	_, err := Read(t.Context(), file("", nil, show(20, 180, "字")), limits)
	refused(t, err, document.TooLarge, "at most 100 are read")
	limits = document.DefaultLimits
	limits.Cells = 5
	_, err = Read(t.Context(), file("", nil, grid(20, 160, table, "乙|34|5")), limits)
	refused(t, err, document.TooManyCells, "at most so many are read")
	limits = document.DefaultLimits
	limits.Text = 20
	_, err = Read(t.Context(), file("", nil, show(20, 180, "一行有二十多个字节的文字")), limits)
	refused(t, err, document.TooLarge, "at most so many are read")
}

func TestReadingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, file("", nil, show(20, 180, "字")), document.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("before it began: got %v, want %v", err, context.Canceled)
	}
	forms := "/F Do"
	added := []string{stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 11 0 R>>>>", strings.Repeat("/F Do ", 50))}
	for i := range 14 {
		added = append(added, stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>", 12+i), strings.Repeat("/F Do ", 50)))
	}
	added = append(added, stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "0 0 m 1 1 l S"))
	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	r := newReaders(1, time.Minute, time.Minute)
	if _, err := r.read(ctx, file("/XObject<</F 10 0 R>>", added, forms), document.DefaultLimits); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it read: got %v, want %v", err, context.DeadlineExceeded)
	}
}

// A process that was ended from outside while it had nothing to do is replaced.
func TestReadersThatEnded(t *testing.T) {
	r := newReaders(1, time.Minute, time.Minute)
	b := file("", nil, show(20, 180, "字"))
	for range 2 {
		if _, err := r.read(t.Context(), b, document.DefaultLimits); err != nil {
			t.Fatal(err)
		}
		p := r.idle[0]
		p.command.Process.Kill()
		for range p.answers { // until the end is known
		}
	}
}

// As many files are read at once as there are places, and each gets its own answer.
func TestReadingManyFiles(t *testing.T) {
	for i := range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for j := range 5 {
				s := fmt.Sprintf("%d", 100*i+j)
				same(t, drawn(t, file("", nil, show(20, 180, s))), s+"\n")
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file("", nil, show(20, 180, "一、标题")+grid(20, 160, table, "乙|34|5")))
	f.Add([]byte("%PDF-1.7\n"))
	r := impatient()
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := r.read(t.Context(), b, document.DefaultLimits)
		answered(t, d, err)
	})
}
