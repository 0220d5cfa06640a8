package export

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Published is the head of the chain as an office publishes it: whoever has it can show later that nothing before it was
// changed. It is a JSON object; the signature is of its text without the signature.
type Published struct {
	Head
	CommittedAt time.Time `json:"committed_at"`
	PublicKey   string    `json:"public_key,omitempty"` // Ed25519, base64
	Signature   string    `json:"signature,omitempty"`  // base64
}

func (p Published) text() []byte {
	return fmt.Appendf(nil, "nianbao chain head 1\nnumber %d\nhash %s\nbatch %s\ncommitted_at %d\n", p.Number, p.Hash, p.Batch, p.CommittedAt.UnixMicro())
}

// Sign adds the signature of a key.
func (p Published) Sign(key ed25519.PrivateKey) Published {
	p.PublicKey = base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	p.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, p.text()))
	return p
}

// ParsePublished reads a published head and checks its signature. key is the public key of the office as it was made known,
// in base64; without one it is only known that the signature fits the key that stands beside it.
func ParsePublished(content []byte, key string) (Published, error) {
	var p Published
	if err := json.Unmarshal(content, &p); err != nil {
		return p, fmt.Errorf("read a published head: %w", err)
	}
	if p.Number == 0 || len(p.Hash) != 64 {
		return p, errors.New("read a published head: it has no number or no hash, want what nianbao chain head printed")
	}
	switch {
	case key != "" && p.PublicKey == "":
		return p, errors.New("read a published head: it is not signed")
	case key != "" && key != p.PublicKey:
		return p, fmt.Errorf("read a published head: it is signed with the key %s, want %s", p.PublicKey, key)
	case p.PublicKey == "":
		return p, nil
	}
	public, err1 := base64.StdEncoding.DecodeString(p.PublicKey)
	signature, err2 := base64.StdEncoding.DecodeString(p.Signature)
	if errors.Join(err1, err2) != nil || len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, p.text(), signature) {
		return p, errors.New("read a published head: the signature does not fit, the head or the signature was changed")
	}
	return p, nil
}
