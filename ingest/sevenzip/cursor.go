package sevenzip

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// cursor reads a header. After an error it reads zeros, and the error stays.
type cursor struct {
	b    []byte
	most int // entries of any list
	err  error
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
	}
	c.b = nil
}

func (c *cursor) byte() byte {
	if len(c.b) == 0 {
		c.fail("the header ends too early")
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.fail("the header ends too early")
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

// number reads an integer of variable length: the leading ones of the first byte tell how many more follow.
func (c *cursor) number() uint64 {
	first := c.byte()
	var v uint64
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			return v | uint64(first&(mask-1))<<(8*i)
		}
		v |= uint64(c.byte()) << (8 * i)
	}
	return v
}

// count reads how many things follow. No list is longer than that of the files may be, so that no number is believed
// that would cost memory.
func (c *cursor) count() int {
	n := c.number()
	if n > uint64(c.most) {
		if c.err == nil {
			c.err = ErrTooMany
		}
		c.b = nil
		return 0
	}
	return int(n)
}

func (c *cursor) uint32() uint32 {
	b := c.bytes(4)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// bits reads n flags.
func (c *cursor) bits(n int) []bool {
	b := c.bytes(uint64(n+7) / 8)
	out := make([]bool, n)
	if c.err != nil {
		return out
	}
	for i := range out {
		out[i] = b[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// optional reads n flags that are left out where all are set.
func (c *cursor) optional(n int) []bool {
	if c.byte() == 0 {
		return c.bits(n)
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// digests reads up to n checksums.
func (c *cursor) digests(n int) (crcs []uint32, has []bool) {
	has = c.optional(n)
	crcs = make([]uint32, len(has))
	for i := range has {
		if has[i] {
			crcs[i] = c.uint32()
		}
	}
	if c.err != nil {
		return nil, nil
	}
	return crcs, has
}

func (c *cursor) want(id byte) {
	if got := c.byte(); c.err == nil && got != id {
		c.fail("the header has %#x where %#x belongs", got, id)
	}
}

// name reads a text of two-byte characters up to a zero.
func (c *cursor) name() string {
	for i := 0; i+1 < len(c.b); i += 2 {
		if c.b[i] == 0 && c.b[i+1] == 0 {
			units := make([]uint16, i/2)
			for k := range units {
				units[k] = binary.LittleEndian.Uint16(c.b[2*k:])
			}
			c.b = c.b[i+2:]
			return string(utf16.Decode(units))
		}
	}
	c.fail("a name without an end")
	return ""
}
