package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id, the second choice of RFC 9106 (64 MiB, 3 passes): about 0.1 s of a processor. Hashes carry their own, so
// these can be raised.
const (
	argonMemory  = 64 << 10 // KiB
	argonPasses  = 3
	argonThreads = 4
	argonKey     = 32
	argonSalt    = 16
)

// Bounds of a password, in characters.
const (
	ShortestPassword = 10
	longestPassword  = 200
)

// CheckPassword reports why a password is not taken.
func CheckPassword(password, name string) error {
	n := utf8.RuneCountInString(password)
	distinct := map[rune]bool{}
	for _, r := range password {
		distinct[r] = true
	}
	switch {
	case !utf8.ValidString(password):
		return errors.New("the password is no text in UTF-8")
	case n < ShortestPassword || n > longestPassword:
		return fmt.Errorf("the password has %d characters, want %d to %d", n, ShortestPassword, longestPassword)
	case len(distinct) < 5:
		return fmt.Errorf("the password has %d different characters, want at least 5", len(distinct))
	case name != "" && strings.Contains(strings.ToLower(password), strings.ToLower(name)):
		return errors.New("the password holds the name of the account")
	}
	return nil
}

// HashPassword hashes a password by argon2id, with a salt of its own: $argon2id$v=19$m=65536,t=3,p=4$salt$hash.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// nobody is the hash that is compared where there is none, so that it takes as long to be told that there is no such account.
var nobody = sync.OnceValue(func() string { return HashPassword(NewSecret("")) })

// SamePassword reports whether a hash is that of a password. It takes the same time where there is no hash, and answers no.
func SamePassword(hash, password string) bool {
	there := hash != ""
	if !there || len(password) > longestPassword*utf8.UTFMax {
		hash, password, there = nobody(), "", false
	}
	var version, memory, passes uint32
	var threads uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false
	}
	if _, err := fmt.Sscanf(parts[1]+"$"+parts[2]+"$"+parts[3], "argon2id$v=%d$m=%d,t=%d,p=%d", &version, &memory, &passes, &threads); err != nil || version != argon2.Version {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || err2 != nil || len(want) == 0 || memory > 1<<20 || passes > 20 || threads == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && there
}

// TokenPrefix begins every token, so that one is recognised where it should not stand.
const TokenPrefix = "nianbao_"

// NewSecret makes a random text of 256 bits behind a prefix.
func NewSecret(prefix string) string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// HashToken hashes the secret of a token or session. It is random and long, so one pass of SHA-256 is enough.
func HashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
