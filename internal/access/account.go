package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kinds of accounts.
const (
	User  = "user"
	Token = "token"
)

// Account is a statement about who may come in. Of a kind and name the newest one counts, as a whole.
type Account struct {
	Kind  string `json:"kind"` // User or Token
	Name  string `json:"name"`
	Full  string `json:"full,omitempty"` // name of the person, "" if Name is
	Roles []Role `json:"roles,omitempty"`
	Scope Scope  `json:"scope,omitzero"`
	// Secret is the hash of the password (see [HashPassword]) or of the token; "" for people who sign in elsewhere.
	Secret  string `json:"secret,omitempty"`
	Subject string `json:"subject,omitempty"` // of the person at the provider of sign-in: "issuer subject"
	// Ended accounts stay listed and let nobody in.
	Ended   bool      `json:"ended,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Stamp   string    `json:"stamp,omitempty"`  // changes with the password; sessions from before it end
}

// Principal is the account as who asks.
func (a *Account) Principal() Principal {
	p := Principal{Name: a.Name, Roles: a.Roles, Scope: a.Scope}
	if a.Full != "" {
		p.Name = a.Full + "（" + a.Name + "）"
	}
	if a.Kind == Token {
		p.Name = "token " + a.Name
	}
	return p
}

// Holds reports whether the account lets anybody in at a time.
func (a *Account) Holds(at time.Time) bool {
	return !a.Ended && (a.Expires.IsZero() || at.Before(a.Expires))
}

// Bounds on names, in characters.
const (
	longestName = 40
	longestFull = 40
)

// Check reports the first thing that an account must not be.
func (a *Account) Check() error {
	switch {
	case a.Kind != User && a.Kind != Token:
		return fmt.Errorf("account of kind %q, want %s or %s", a.Kind, User, Token)
	case !plain(a.Name, longestName) || strings.ContainsAny(a.Name, " :/（）"):
		return fmt.Errorf("%s %q: want a name of at most %d characters without space, colon, slash and brackets", a.Kind, a.Name, longestName)
	case a.Full != "" && (!plain(a.Full, longestFull) || strings.ContainsAny(a.Full, "（）")):
		return fmt.Errorf("%s %s: full name %q, want at most %d characters", a.Kind, a.Name, a.Full, longestFull)
	case len(a.Roles) == 0 && !a.Ended:
		return fmt.Errorf("%s %s: has no role, want one", a.Kind, a.Name)
	case a.Kind == Token && a.Secret == "":
		return errors.New("token " + a.Name + ": has no secret")
	}
	for _, r := range a.Roles {
		if _, err := ParseRole(string(r)); err != nil {
			return fmt.Errorf("%s %s: %w", a.Kind, a.Name, err)
		}
	}
	if err := a.Scope.Check(); err != nil {
		return fmt.Errorf("%s %s: %w", a.Kind, a.Name, err)
	}
	return nil
}

// plain reports whether a text is one of printed characters, not too long and not empty.
func plain(text string, most int) bool {
	return text != "" && strings.TrimSpace(text) == text && utf8.ValidString(text) && utf8.RuneCountInString(text) <= most &&
		!strings.ContainsFunc(text, func(r rune) bool {
			return r < ' ' || r == 0x7f || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e
		})
}

// Text writes the account as the warehouse keeps it.
func (a *Account) Text() string {
	text, err := json.Marshal(a)
	if err != nil {
		panic(fmt.Errorf("write account %s: %w", a.Name, err)) // texts and times
	}
	return string(text)
}

// ParseAccount reads what [Account.Text] wrote.
func ParseAccount(text string) (Account, error) {
	var a Account
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, fmt.Errorf("read an account: %w", err)
	}
	return a, nil
}

// A Book is all accounts, the newest statement of each.
type Book []Account

// Find returns an account by its kind and name.
func (l Book) Find(kind, name string) (Account, bool) {
	return l.first(func(a Account) bool { return a.Kind == kind && a.Name == name })
}

// Bearing returns the token with a secret.
func (l Book) Bearing(secret string) (Account, bool) {
	hash := HashToken(secret)
	return l.first(func(a Account) bool { return a.Kind == Token && a.Secret == hash })
}

// Subject returns the user whom a provider of sign-in calls so.
func (l Book) Subject(subject string) (Account, bool) {
	return l.first(func(a Account) bool { return a.Kind == User && a.Subject == subject && subject != "" })
}

func (l Book) first(is func(Account) bool) (Account, bool) {
	if i := slices.IndexFunc(l, is); i >= 0 {
		return l[i], true
	}
	return Account{}, false
}

// Any reports whether any account lets somebody in at a time. Where none does, nobody ever made one or all have ended.
func (l Book) Any(at time.Time) bool {
	return slices.ContainsFunc(l, func(a Account) bool { return a.Holds(at) })
}
