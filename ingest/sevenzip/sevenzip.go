// Package sevenzip reads 7z archives: an archive in, its files out, as long as they are packed by one of the methods
// that 7-Zip uses for documents (LZMA2, LZMA, Deflate, BZip2, or not at all).
//
// The package exists because the header of a 7z archive is a list of counts that libraries believe: a few dozen bytes
// can ask for hundreds of gigabytes of memory. Here no count is believed beyond what the header has bytes for, and a
// dictionary is no larger than what is unpacked with it.
package sevenzip

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/ulikunitz/xz/lzma"
)

// The errors.
var (
	ErrDamaged   = errors.New("it is damaged or cut off")
	ErrEncrypted = errors.New("it is encrypted")
	ErrMethod    = errors.New("its method of compression is not known")
	ErrTooMany   = errors.New("it has too many files")
	ErrTooLarge  = errors.New("it needs too much memory")
)

// mostDictionary is the largest dictionary that is kept in memory; 7-Zip's highest preset uses 64 MiB.
const mostDictionary = 256 << 20

// Archive is an open archive. It is for one goroutine.
type Archive struct {
	Files []File

	r       io.ReaderAt
	streams streams
	folders []int // of each file with content

	// The folder being unpacked, and how many of its files were passed.
	current *folder
	in      io.Reader
	passed  int
}

// File is a file or folder in an archive.
type File struct {
	Name       string // as stored, with whatever slashes
	Size       uint64
	Dir        bool
	attributes uint32
	stream     int // its place among all files with content, -1 for none
}

// Attributes of files: those of Windows, and above them the mode of Unix.
const (
	attributeDirectory = 0x10
	attributeReparse   = 0x400 // a link
	attributeUnix      = 0x8000
	unixType           = 0xF000
	unixRegular        = 0x8000
)

// Regular says that the file is neither a folder nor a link nor a device.
func (f *File) Regular() bool {
	if f.Dir || f.attributes&(attributeDirectory|attributeReparse) != 0 {
		return false
	}
	if f.attributes&attributeUnix != 0 {
		kind := f.attributes >> 16 & unixType
		return kind == unixRegular || kind == 0
	}
	return true
}

// folderOf is the folder of a file with content.
func (a *Archive) folderOf(stream int) *folder { return &a.streams.folders[a.folders[stream]] }

// Encrypted says whether a password is needed for the i-th file.
func (a *Archive) Encrypted(i int) bool {
	if a.Files[i].stream < 0 {
		return false
	}
	f := a.folderOf(a.Files[i].stream)
	for _, c := range f.coders {
		if c.method == methodAES {
			return true
		}
	}
	return false
}

// Open unpacks the i-th file. Files that are opened in the order of the archive are unpacked once; the reader of one
// ends with the opening of the next. At the end it checks the size and the checksum.
func (a *Archive) Open(i int) (io.Reader, error) {
	f := &a.Files[i]
	if f.stream < 0 {
		return bytes.NewReader(nil), nil
	}
	at := a.folderOf(f.stream)
	place := f.stream - at.files[0]
	if at != a.current || a.passed > place {
		in, err := a.unpack(at)
		if err != nil {
			return nil, err
		}
		a.current, a.in, a.passed = at, in, 0
	}
	for ; a.passed < place; a.passed++ {
		size := a.streams.sizes[at.files[a.passed]]
		if n, err := io.Copy(io.Discard, io.LimitReader(a.in, int64(size))); err != nil || uint64(n) < size {
			a.current = nil
			return nil, damaged(err)
		}
	}
	// From here on the folder stands inside this file, and can only be begun anew unless it is read to its end.
	a.passed = len(at.files)
	return &fileReader{a: a, left: f.Size, place: place, crc: crc32.NewIEEE(), want: a.streams.crcs[f.stream], has: a.streams.has[f.stream]}, nil
}

func damaged(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrDamaged
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// fileReader reads one file of the current folder.
type fileReader struct {
	a     *Archive
	left  uint64
	place int
	crc   hash.Hash32
	want  uint32
	has   bool
	err   error
}

func (r *fileReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		r.err = io.EOF
		if r.has && r.crc.Sum32() != r.want {
			r.err = fmt.Errorf("%w: the checksum is wrong", ErrDamaged)
		}
		r.a.passed = r.place + 1
		return 0, r.err
	}
	if uint64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.a.in.Read(p)
	r.left -= uint64(n)
	r.crc.Write(p[:n])
	if err != nil && (r.left > 0 || err != io.EOF) {
		r.err = damaged(err)
		r.a.current = nil
		return n, r.err
	}
	return n, nil
}

// The methods, by their numbers.
const (
	methodCopy    = "\x00"
	methodLZMA2   = "\x21"
	methodLZMA    = "\x03\x01\x01"
	methodDeflate = "\x04\x01\x08"
	methodBZip2   = "\x04\x02\x02"
	methodAES     = "\x06\xF1\x07\x01"
)

// methodNames are those of methods that are not read, for messages.
var methodNames = map[string]string{
	"\x03": "Delta", "\x04": "BCJ", "\x03\x03\x01\x03": "BCJ, a filter for programs", "\x03\x03\x01\x1B": "BCJ2, a filter for programs",
	"\x03\x04\x01": "PPMd", "\x04\x01\x09": "Deflate64", "\x04\xF7\x11\x01": "Zstandard", "\x04\xF7\x11\x02": "Brotli", "\x04\xF7\x11\x04": "LZ4",
}

// unpack opens a folder.
func (a *Archive) unpack(f *folder) (io.Reader, error) {
	in := io.Reader(io.NewSectionReader(a.r, f.offset, f.size))
	for _, c := range f.coders {
		var err error
		switch c.method {
		case methodCopy:
		case methodLZMA:
			in, err = c.lzma(in)
		case methodLZMA2:
			in, err = c.lzma2(in)
		case methodDeflate:
			in = flate.NewReader(in)
		case methodBZip2:
			in = bzip2.NewReader(in)
		case methodAES:
			err = ErrEncrypted
		default:
			name := methodNames[c.method]
			if name == "" {
				name = fmt.Sprintf("%X", c.method)
			}
			err = fmt.Errorf("%w: %s", ErrMethod, name)
		}
		if err != nil {
			return nil, err
		}
		in = io.LimitReader(in, int64(min(c.size, 1<<62)))
	}
	return in, nil
}

// dictionary is how much a coder needs to look back: no more than it gives.
func (c *coder) dictionary(stated uint64) (uint32, error) {
	needed := max(min(stated, c.size), lzma.MinDictCap)
	if needed > mostDictionary {
		return 0, fmt.Errorf("%w: a dictionary of %d bytes, at most %d are kept", ErrTooLarge, needed, mostDictionary)
	}
	return uint32(needed), nil
}

// lzma opens a stream without the header that a file of this method has: properties, dictionary, size.
func (c *coder) lzma(in io.Reader) (io.Reader, error) {
	if len(c.props) != 5 {
		return nil, fmt.Errorf("%w: LZMA with %d bytes of properties, want 5", ErrDamaged, len(c.props))
	}
	size, err := c.dictionary(uint64(binary.LittleEndian.Uint32(c.props[1:])))
	if err != nil {
		return nil, err
	}
	head := make([]byte, 13)
	head[0] = c.props[0]
	binary.LittleEndian.PutUint32(head[1:], size)
	binary.LittleEndian.PutUint64(head[5:], c.size)
	out, err := lzma.NewReader(io.MultiReader(bytes.NewReader(head), in))
	if err != nil {
		return nil, damaged(err)
	}
	return out, nil
}

func (c *coder) lzma2(in io.Reader) (io.Reader, error) {
	if len(c.props) != 1 || c.props[0] > 40 {
		return nil, fmt.Errorf("%w: LZMA2 with the properties %X", ErrDamaged, c.props)
	}
	stated := uint64(2|c.props[0]&1) << (c.props[0]/2 + 11)
	if c.props[0] == 40 {
		stated = 1<<32 - 1
	}
	size, err := c.dictionary(stated)
	if err != nil {
		return nil, err
	}
	out, err := lzma.Reader2Config{DictCap: int(size)}.NewReader2(in)
	if err != nil {
		return nil, damaged(err)
	}
	return out, nil
}
