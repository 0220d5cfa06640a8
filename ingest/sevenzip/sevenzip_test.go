package sevenzip_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nianbao/ingest/sevenzip"
)

// list opens an archive and writes what it holds, each file in turn, on a line.
func list(b []byte, most int) (string, error) {
	a, err := sevenzip.Open(bytes.NewReader(b), int64(len(b)), most)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i := range a.Files {
		f := &a.Files[i]
		switch {
		case f.Dir:
			fmt.Fprintf(&out, "%s/\n", f.Name)
			continue
		case !f.Regular():
			fmt.Fprintf(&out, "%s is no file\n", f.Name)
			continue
		case a.Encrypted(i):
			fmt.Fprintf(&out, "%s encrypted\n", f.Name)
			continue
		}
		r, err := a.Open(i)
		if err != nil {
			return out.String(), err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return out.String(), err
		}
		if uint64(len(content)) != f.Size {
			return out.String(), fmt.Errorf("%s has %d bytes, and said %d", f.Name, len(content), f.Size)
		}
		if len(content) > 30 {
			content = fmt.Appendf(nil, "%.2s… %d", content, len(content))
		}
		fmt.Fprintf(&out, "%s: %s\n", f.Name, content)
	}
	return out.String(), nil
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".7z"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The files under testdata were written by 7-Zip 26: the same folder by each method.
func TestMethods(t *testing.T) {
	const want = "年报/\n年报/空/\n年报/空.txt: \n年报/乙.txt: 乙乙… 15001\n年报/甲.html: <html>甲</html>\n"
	for _, name := range []string{"LZMA2", "LZMA", "Deflate", "BZip2", "Copy", "single", "plainheader"} {
		got, err := list(fixture(t, name), 10)
		if err != nil || got != want {
			t.Errorf("%s: got %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

func TestWhatIsNotRead(t *testing.T) {
	for _, test := range []struct {
		name string
		want string
		err  error
	}{
		{"encrypted", "年报/\n年报/空/\n年报/空.txt: \n年报/乙.txt encrypted\n年报/甲.html encrypted\n", nil},
		{"encryptedheader", "", sevenzip.ErrEncrypted},
		{"PPMd", "年报/\n年报/空/\n年报/空.txt: \n", sevenzip.ErrMethod},
		{"link", "年报/link is no file\n", nil},
	} {
		got, err := list(fixture(t, test.name), 10)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %v\n%s\nwant %v\n%s", test.name, err, got, test.err, test.want)
		}
	}
	if _, err := list(fixture(t, "LZMA2"), 0); !errors.Is(err, sevenzip.ErrTooMany) {
		t.Errorf("five files where none are accepted: got %v, want %v", err, sevenzip.ErrTooMany)
	}
}

// Files may be opened in any order, and need not be read to the end.
func TestAnyOrder(t *testing.T) {
	b := fixture(t, "LZMA2")
	a, err := sevenzip.Open(bytes.NewReader(b), int64(len(b)), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{4, 3, 4, 3, 3} {
		r, err := a.Open(i)
		if err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 3)
		if _, err := io.ReadFull(r, first); err != nil {
			t.Fatal(err)
		}
		if want := map[int]string{3: "乙", 4: "<ht"}[i]; string(first) != want {
			t.Errorf("file %d begins with %q, want %q", i, first, want)
		}
	}
}

// TestDamage spoils every byte in turn: what is read is right, or there is an error.
func TestDamage(t *testing.T) {
	for _, name := range []string{"LZMA2", "LZMA", "Deflate", "BZip2", "plainheader"} {
		b := fixture(t, name)
		whole, err := list(b, 10)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			spoilt := bytes.Clone(b)
			spoilt[i] ^= 0x55
			if got, err := list(spoilt, 10); err == nil && got != whole && i >= 12 {
				t.Errorf("%s with byte %d spoilt reads\n%s", name, i, got)
			}
			if _, err := list(b[:i], 10); err == nil {
				t.Errorf("%s cut off at %d is read without an error", name, i)
			}
		}
	}
}

// wrap puts a directory of our making into an archive with right checksums.
func wrap(packed, header []byte) []byte {
	b := make([]byte, 32, 32+len(packed)+len(header))
	copy(b, "7z\xBC\xAF\x27\x1C\x00\x04")
	binary.LittleEndian.PutUint64(b[12:], uint64(len(packed)))
	binary.LittleEndian.PutUint64(b[20:], uint64(len(header)))
	binary.LittleEndian.PutUint32(b[28:], crc32.ChecksumIEEE(header))
	binary.LittleEndian.PutUint32(b[8:], crc32.ChecksumIEEE(b[12:32]))
	return append(append(b, packed...), header...)
}

// TestLies: directories that claim what would take all memory.
func TestLies(t *testing.T) {
	huge := "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F" // a number of 8 bytes
	thousands := "\xC0\x00\x10"                    // 4096
	for _, test := range []struct {
		name, header string
		err          error
	}{
		{"many files", "\x01\x05" + huge, sevenzip.ErrTooMany},
		{"many packed streams", "\x01\x04\x06\x00" + huge, sevenzip.ErrTooMany},
		{"many folders", "\x01\x04\x06\x00\x01\x09\x01\x00\x07\x0B" + thousands, sevenzip.ErrTooMany},
		{"many files in a folder", "\x01\x04\x06\x00\x01\x09\x01\x00\x07\x0B\x01\x00\x01\x01\x00\x0C\x01\x00\x08\x0D" + thousands, sevenzip.ErrTooMany},
		{"many coders", "\x01\x04\x06\x00\x01\x09\x01\x00\x07\x0B\x01\x00\x20", sevenzip.ErrDamaged},
		{"a packed stream outside", "\x01\x04\x06\x00\x01\x09\x7F\x00\x07\x0B\x01\x00\x01\x01\x00\x0C\x01\x00\x00", sevenzip.ErrDamaged},
		{"packed bytes outside", "\x01\x04\x06\x7F\x01\x09\x01\x00", sevenzip.ErrDamaged},
		{"coders in a circle", "\x01\x04\x06\x00\x01\x09\x01\x00\x07\x0B\x01\x00\x02\x01\x00\x01\x00\x00\x00", sevenzip.ErrDamaged},
		{"a packed directory of any size", "\x17\x06\x00\x01\x09\x01\x00\x07\x0B\x01\x00\x01\x01\x00\x0C" + huge + "\x00\x00", sevenzip.ErrTooLarge},
		{"nothing", "", nil},
		{"no files", "\x01\x00", nil},
	} {
		if _, err := list(wrap([]byte("x"), []byte(test.header)), 1000); !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.err)
		}
	}
	// A dictionary of 4 GiB for a few bytes costs a few bytes.
	b := fixture(t, "plainheader")
	at := bytes.Index(b, []byte("\x21\x21\x01")) // a coder with LZMA2 and one byte of properties
	if at < 0 {
		t.Fatal("the fixture has no LZMA2 coder")
	}
	b[at+3] = 40
	header := b[32+binary.LittleEndian.Uint64(b[12:]):]
	b = wrap(b[32:len(b)-len(header)], header)
	if got, err := list(b, 10); err != nil || !strings.Contains(got, "乙乙… 15001") {
		t.Errorf("a large dictionary: %v\n%s", err, got)
	}
}

// FuzzOpen: whatever the directory, the archive opens or is refused, and a file gives no more than it said.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"LZMA2", "LZMA", "Deflate", "BZip2", "Copy", "plainheader", "encrypted", "link"} {
		b := fixture(f, name)
		at := 32 + binary.LittleEndian.Uint64(b[12:])
		f.Add(b[32:at], b[at:])
	}
	f.Fuzz(func(t *testing.T, packed, header []byte) {
		b := wrap(packed, header)
		a, err := sevenzip.Open(bytes.NewReader(b), int64(len(b)), 100)
		if err != nil {
			return
		}
		for i := range a.Files {
			if a.Encrypted(i) {
				continue
			}
			r, err := a.Open(i)
			if err != nil {
				continue
			}
			n, err := io.Copy(io.Discard, io.LimitReader(r, 1<<20))
			if uint64(n) > a.Files[i].Size || err == nil && n < 1<<20 && uint64(n) != a.Files[i].Size {
				t.Errorf("file %d gives %d bytes, and said %d", i, n, a.Files[i].Size)
			}
		}
	})
}
