package engine

import (
	"bytes"
	"strings"
)

// tokenKind says what a token of SQL is; words and quoted identifiers differ because only a word can be a keyword.
type tokenKind byte

const (
	tokenEnd    tokenKind = iota
	tokenWord             // bare word: a keyword, a name or a number
	tokenQuoted           // `name`, "name" or “name”
	tokenString           // 'text', ‘text’ or a here document
	tokenSign             // any other single byte
)

type token struct {
	kind       tokenKind
	start, end int // in the text
}

// lexer splits SQL into tokens by the rules of ClickHouse's own Lexer.cpp: a guard that reads a text differently from
// the engine can be talked past. Comments and spaces are no tokens. Everything that is not ASCII and outside quotes
// counts as space, as the engine skips Unicode spaces there.
type lexer struct {
	text []byte
	at   int
}

func (l *lexer) next() token {
	for l.at < len(l.text) {
		start, c := l.at, l.text[l.at]
		rest := l.text[start:]
		switch {
		case c == '-' && hasPrefix(rest, "--"), c == '#' && (hasPrefix(rest, "# ") || hasPrefix(rest, "#!")):
			l.skipPast("\n")
		case c == '/' && hasPrefix(rest, "/*"):
			l.at += 2
			l.skipPast("*/")
		case c == '\'':
			l.at = quotedEnd(l.text, start)
			return token{tokenString, start, l.at}
		case c == '`' || c == '"':
			l.at = quotedEnd(l.text, start)
			return token{tokenQuoted, start, l.at}
		case hasPrefix(rest, "‘"):
			l.at += len("‘")
			l.skipPast("’")
			return token{tokenString, start, l.at}
		case hasPrefix(rest, "“"):
			l.at += len("“")
			l.skipPast("”")
			return token{tokenQuoted, start, l.at}
		case c == '$' && l.skipHereDocument():
			return token{tokenString, start, l.at}
		case isWordByte(c):
			for l.at < len(l.text) && isWordByte(l.text[l.at]) {
				l.at++
			}
			return token{tokenWord, start, l.at}
		case c <= ' ' || c >= 0x7f:
			l.at++
		default:
			l.at++
			return token{tokenSign, start, l.at}
		}
	}
	return token{tokenEnd, len(l.text), len(l.text)}
}

// skipPast moves behind the next occurrence of mark, or to the end.
func (l *lexer) skipPast(mark string) {
	if i := bytes.Index(l.text[l.at:], []byte(mark)); i >= 0 {
		l.at += i + len(mark)
		return
	}
	l.at = len(l.text)
}

// skipHereDocument moves behind $tag$ text $tag$ and says whether there was one.
func (l *lexer) skipHereDocument() bool {
	rest := l.text[l.at:]
	i := bytes.IndexByte(rest[1:], '$')
	if i < 0 {
		return false
	}
	mark := rest[:i+2]
	j := bytes.Index(rest[len(mark):], mark)
	if j < 0 {
		return false
	}
	l.at += len(mark) + j + len(mark)
	return true
}

// quotedEnd is the place behind the quoted thing that starts at start. A backslash takes the next byte with it, a
// doubled quote stands for one.
func quotedEnd(text []byte, start int) int {
	quote := text[start]
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			if i+1 < len(text) && text[i+1] == quote {
				i++
				continue
			}
			return i + 1
		}
	}
	return len(text)
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$'
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// word is the token in lower case when it is a bare word, else "".
func (l *lexer) word(t token) string {
	if t.kind != tokenWord {
		return ""
	}
	return strings.ToLower(string(l.text[t.start:t.end]))
}

// name is the token in lower case when it is a bare word or a quoted identifier, else "". A quoted identifier with an
// escape in it comes back with it, which no allowed name has.
func (l *lexer) name(t token) string {
	switch t.kind {
	case tokenWord:
		return l.word(t)
	case tokenQuoted:
		quoted := strings.ToLower(string(l.text[t.start:t.end]))
		return strings.Trim(quoted, "`\"“”")
	}
	return ""
}

func (l *lexer) sign(t token, c byte) bool {
	return t.kind == tokenSign && l.text[t.start] == c
}
