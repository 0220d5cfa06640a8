package warehouse

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// AgencyID derives the id of an agency from its printed name: x and 12 hexadecimal digits of the SHA-256 of the name
// in compatibility form (NFKC) without white space. It is provisional, as long as there is no register: two names of
// one body have two ids, and two bodies of the same name share one.
func AgencyID(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	sum := sha256.Sum256([]byte(plain))
	return "x" + hex.EncodeToString(sum[:6])
}
