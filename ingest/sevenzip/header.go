package sevenzip

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// Property numbers of the format.
const (
	idEnd           = 0x00
	idHeader        = 0x01
	idArchive       = 0x02 // archive properties
	idMainStreams   = 0x04
	idFiles         = 0x05
	idPack          = 0x06
	idUnpack        = 0x07
	idSubStreams    = 0x08
	idSize          = 0x09
	idCRC           = 0x0A
	idFolder        = 0x0B
	idCodersSize    = 0x0C
	idNumUnpack     = 0x0D
	idEmptyStream   = 0x0E
	idEmptyFile     = 0x0F
	idAnti          = 0x10
	idNames         = 0x11
	idAttributes    = 0x15
	idEncodedHeader = 0x17
)

const (
	signature       = "7z\xBC\xAF\x27\x1C"
	signatureHeader = 32 // bytes of the first header
	mostCoders      = 4  // in a chain; 7-Zip makes two, for encrypted programs three
	// leastHeader and headerPerFile bound the bytes of the directory. A long name takes 500 bytes.
	leastHeader   = 1 << 20
	headerPerFile = 1 << 10
)

// coder is one step of compression.
type coder struct {
	method string // its number, as bytes
	props  []byte
	size   uint64 // of what it gives
}

// folder is a stream of files compressed together: a chain of coders, the one nearest to the packed bytes first.
type folder struct {
	coders       []coder
	offset, size int64 // of the packed bytes, in the file
	crc          uint32
	hasCRC       bool
	files        []int // in the order in which they stand in it
}

func (f *folder) unpacked() uint64 { return f.coders[len(f.coders)-1].size }

// streams is what a header says of the packed bytes.
type streams struct {
	folders []folder
	sizes   []uint64 // of the files in the folders, one after the other
	crcs    []uint32
	has     []bool
}

// streams reads the descriptions of streams. start and end are the place of the packed bytes in the file.
func (c *cursor) streams(start, end int64) (s streams) {
	var packs []uint64
	at := start
	perFolder := []int{}
	substreams := false
	for c.err == nil {
		switch id := c.byte(); id {
		case idEnd:
			if !substreams {
				for i := range s.folders {
					f := &s.folders[i]
					perFolder = append(perFolder, 1)
					s.sizes, s.crcs, s.has = append(s.sizes, f.unpacked()), append(s.crcs, f.crc), append(s.has, f.hasCRC)
				}
			}
			n := 0
			for i := range s.folders {
				for range perFolder[i] {
					s.folders[i].files = append(s.folders[i].files, n)
					n++
				}
			}
			return s
		case idPack:
			offset, n := c.number(), c.count()
			if offset > uint64(end-start) {
				c.fail("the packed bytes begin behind their end")
				return s
			}
			at = start + int64(offset)
			for c.err == nil {
				switch id := c.byte(); id {
				case idSize:
					for range n {
						packs = append(packs, c.number())
					}
					continue
				case idCRC:
					c.digests(n)
					continue
				case idEnd:
				default:
					c.fail("unknown property %#x of packed streams", id)
				}
				break
			}
		case idUnpack:
			s.folders = c.unpack(packs, at, end)
		case idSubStreams:
			substreams = true
			perFolder = c.subStreams(&s)
		default:
			c.fail("unknown property %#x of streams", id)
		}
	}
	return s
}

// unpack reads the folders.
func (c *cursor) unpack(packs []uint64, at, end int64) []folder {
	c.want(idFolder)
	n := c.count()
	if c.byte() != 0 {
		c.fail("folders are described elsewhere")
	}
	if n > len(packs) {
		c.fail("%d folders of %d packed streams", n, len(packs))
	}
	var out []folder
	var outs [][]int // for each coder in the order of the header its place in the chain
	for i := 0; i < n && c.err == nil; i++ {
		f, order := c.folder()
		if c.err != nil {
			return nil
		}
		if size := packs[i]; size > uint64(end-at) {
			c.fail("a packed stream of %d bytes ends behind the packed bytes", size)
			return nil
		}
		f.offset, f.size = at, int64(packs[i])
		at += f.size
		out, outs = append(out, f), append(outs, order)
	}
	c.want(idCodersSize)
	for i := range out {
		for _, place := range outs[i] {
			out[i].coders[place].size = c.number()
		}
	}
	for c.err == nil {
		switch id := c.byte(); id {
		case idEnd:
			return out
		case idCRC:
			crcs, has := c.digests(len(out))
			for i := range crcs {
				out[i].crc, out[i].hasCRC = crcs[i], has[i]
			}
		default:
			c.fail("unknown property %#x of folders", id)
		}
	}
	return nil
}

// folder reads the coders of a folder and puts them into the order of unpacking. order says where in the chain each
// stands, in the order of the header.
func (c *cursor) folder() (f folder, order []int) {
	n := c.number()
	if n < 1 || n > mostCoders {
		c.fail("a folder with %d coders, at most %d are read", n, mostCoders)
		return f, nil
	}
	coders := make([]coder, n)
	for i := range coders {
		flags := c.byte()
		coders[i].method = string(c.bytes(uint64(flags & 0x0F)))
		if flags&0x10 != 0 {
			if in, out := c.number(), c.number(); c.err == nil && (in != 1 || out != 1) {
				// Several streams in one: the filter BCJ2, which 7-Zip puts before programs.
				c.err = fmt.Errorf("%w: a filter for programs (BCJ2)", ErrMethod)
			}
		}
		if flags&0x20 != 0 {
			coders[i].props = c.bytes(c.number())
		}
		if flags&0x80 != 0 {
			c.fail("a coder of an unknown kind")
		}
	}
	// Each coder takes what another gives, but one, which takes the packed bytes.
	from := make([]int, n)
	for i := range from {
		from[i] = -1
	}
	given := make([]bool, n)
	for range n - 1 {
		in, out := c.number(), c.number()
		if in >= n || out >= n || from[in] >= 0 || given[out] {
			c.fail("coders that are not connected in a chain")
			return f, nil
		}
		from[in], given[out] = int(out), true
	}
	last := 0
	for i := range given {
		if !given[i] {
			last = i
		}
	}
	var chain []int
	for i := last; i >= 0; i = from[i] {
		if len(chain) == int(n) {
			c.fail("coders connected in a circle")
			return f, nil
		}
		chain = append(chain, i)
	}
	if len(chain) != int(n) {
		c.fail("coders that are not connected in a chain")
		return f, nil
	}
	order = make([]int, n)
	for i := len(chain) - 1; i >= 0; i-- {
		order[chain[i]] = len(f.coders)
		f.coders = append(f.coders, coders[chain[i]])
	}
	return f, order
}

// subStreams reads how folders are divided into files.
func (c *cursor) subStreams(s *streams) (perFolder []int) {
	perFolder = make([]int, len(s.folders))
	for i := range perFolder {
		perFolder[i] = 1
	}
	id := c.byte()
	if id == idNumUnpack {
		total := 0
		for i := range perFolder {
			perFolder[i] = c.count()
			if total += perFolder[i]; total > c.most {
				c.err = ErrTooMany
				return nil
			}
		}
		id = c.byte()
	}
	missing := 0
	for i, n := range perFolder {
		var sum uint64
		for k := range n {
			size := s.folders[i].unpacked() - sum
			if k < n-1 {
				if size = 0; id == idSize {
					size = c.number()
				}
			}
			if size > s.folders[i].unpacked()-sum {
				c.fail("the files of a folder are larger than the folder")
				return nil
			}
			sum += size
			s.sizes = append(s.sizes, size)
			known := n == 1 && s.folders[i].hasCRC
			s.crcs, s.has = append(s.crcs, 0), append(s.has, known)
			if known {
				s.crcs[len(s.crcs)-1] = s.folders[i].crc
			} else {
				missing++
			}
		}
	}
	if id == idSize {
		id = c.byte()
	}
	for c.err == nil {
		switch id {
		case idEnd:
			return perFolder
		case idCRC:
			crcs, has := c.digests(missing)
			k := 0
			for i := range s.has {
				if !s.has[i] && k < len(crcs) {
					s.crcs[i], s.has[i] = crcs[k], has[k]
					k++
				}
			}
		default:
			c.fail("unknown property %#x of files in folders", id)
		}
		id = c.byte()
	}
	return nil
}

// files reads the names and kinds of the files and gives each its place in the streams.
func (c *cursor) files(s streams) []File {
	n := c.count()
	out := make([]File, n)
	empty := make([]bool, n)
	emptyFile := []bool{}
	for c.err == nil {
		id := c.byte()
		if id == idEnd {
			break
		}
		p := cursor{b: c.bytes(c.number()), most: c.most}
		switch id {
		case idEmptyStream:
			empty = p.bits(n)
		case idEmptyFile:
			k := 0
			for _, e := range empty {
				if e {
					k++
				}
			}
			emptyFile = p.bits(k)
		case idNames:
			if p.byte() != 0 {
				p.fail("names are stored elsewhere")
			}
			for i := range out {
				out[i].Name = p.name()
			}
		case idAttributes:
			has := p.optional(n)
			if p.byte() != 0 {
				p.fail("attributes are stored elsewhere")
			}
			for i := range has {
				if has[i] {
					out[i].attributes = p.uint32()
				}
			}
		}
		if c.err == nil && p.err != nil {
			c.err = p.err
		}
	}
	if c.err != nil {
		return nil
	}
	stream, k := 0, 0
	for i := range out {
		f := &out[i]
		f.stream = -1
		if empty[i] {
			f.Dir = k >= len(emptyFile) || !emptyFile[k]
			k++
			continue
		}
		if stream >= len(s.sizes) {
			c.fail("the header names more files than there are")
			return nil
		}
		f.stream = stream
		f.Size = s.sizes[stream]
		stream++
	}
	return out
}

// Open reads the directory of an archive that has at most so many files. Errors are ErrDamaged, ErrEncrypted, ErrMethod, ErrTooMany, ErrTooLarge or those
// of r.
func Open(r io.ReaderAt, size int64, most int) (*Archive, error) {
	head := make([]byte, signatureHeader)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("%w: it is shorter than its first header", ErrDamaged)
	}
	if string(head[:6]) != signature {
		return nil, fmt.Errorf("%w: it does not begin like a 7z archive", ErrDamaged)
	}
	if crc32.ChecksumIEEE(head[12:]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, fmt.Errorf("%w: the checksum of its first header is wrong", ErrDamaged)
	}
	offset, length := binary.LittleEndian.Uint64(head[12:]), binary.LittleEndian.Uint64(head[20:])
	a := &Archive{r: r}
	if length == 0 {
		return a, nil
	}
	most = max(most, 0)
	limit := leastHeader + headerPerFile*uint64(most)
	if length > limit {
		return nil, ErrTooLarge
	}
	if offset > uint64(size-signatureHeader) || length > uint64(size-signatureHeader)-offset {
		return nil, fmt.Errorf("%w: it ends before its directory; it may be one of several volumes", ErrDamaged)
	}
	end := signatureHeader + int64(offset)
	b := make([]byte, length)
	if _, err := r.ReadAt(b, end); err != nil && err != io.EOF {
		return nil, err
	}
	if crc32.ChecksumIEEE(b) != binary.LittleEndian.Uint32(head[28:]) {
		return nil, fmt.Errorf("%w: the checksum of its directory is wrong", ErrDamaged)
	}
	for range 3 { // a packed header may hold a packed header
		c := &cursor{b: b, most: most + mostCoders}
		switch id := c.byte(); {
		case c.err != nil:
			return nil, c.err
		case id == idHeader:
			return a, a.header(c, end)
		case id != idEncodedHeader:
			return nil, fmt.Errorf("%w: the directory begins with %#x", ErrDamaged, id)
		}
		s := c.streams(signatureHeader, end)
		if c.err != nil {
			return nil, c.err
		}
		if len(s.folders) != 1 {
			return nil, fmt.Errorf("%w: the directory is packed in %d folders", ErrDamaged, len(s.folders))
		}
		f := &s.folders[0]
		if f.unpacked() > limit {
			return nil, ErrTooLarge
		}
		in, err := a.unpack(f)
		if err != nil {
			return nil, err
		}
		var buf bytes.Buffer
		if _, err := io.Copy(&buf, io.LimitReader(in, int64(f.unpacked()))); err != nil {
			return nil, fmt.Errorf("%w: its directory: %w", ErrDamaged, err)
		}
		if uint64(buf.Len()) != f.unpacked() || f.hasCRC && crc32.ChecksumIEEE(buf.Bytes()) != f.crc {
			return nil, fmt.Errorf("%w: the checksum of its directory is wrong", ErrDamaged)
		}
		b = buf.Bytes()
	}
	return nil, fmt.Errorf("%w: the directory is packed more than twice", ErrDamaged)
}

func (a *Archive) header(c *cursor, end int64) error {
	var s streams
	for c.err == nil {
		switch id := c.byte(); id {
		case idEnd:
			return c.err
		case idArchive:
			for c.err == nil && c.byte() != idEnd {
				c.bytes(c.number())
			}
		case idMainStreams:
			s = c.streams(signatureHeader, end)
			a.streams = s
			for i := range s.folders {
				for range s.folders[i].files {
					a.folders = append(a.folders, i)
				}
			}
		case idFiles:
			a.Files = c.files(s)
		default:
			c.fail("unknown property %#x of the directory", id)
		}
	}
	return c.err
}
