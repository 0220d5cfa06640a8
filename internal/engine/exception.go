package engine

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Codes of ClickHouse (ErrorCodes.cpp) that the bridge itself answers or looks at.
const (
	codeBadArguments     = 36
	codeNotImplemented   = 48
	codeSyntax           = 62
	codeUnknownTable     = 60
	codeUnknownDatabase  = 81
	codeUnknownSetting   = 115
	codeTimeout          = 159
	codeReadOnly         = 164
	codeTooManyQueries   = 202
	codeCannotDecompress = 271
	codeCancelled        = 394
	codeAccessDenied     = 497
	codeAuthentication   = 516
	codeUnknown          = 1002
)

// exception is an error with a ClickHouse code. Its text begins with "Code: N. DB::Exception: ", as a server's does.
type exception struct {
	code int
	text string
}

func (e *exception) Error() string { return e.text }

// refuse makes an exception of the bridge's own.
func refuse(code int, name, format string, args ...any) *exception {
	return &exception{code: code, text: fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", code, fmt.Sprintf(format, args...), name)}
}

var codeInText = regexp.MustCompile(`^(?:Error: )?Code: (\d+)\.`)

// toException reads the code out of an error text of the library; nil for an empty text.
func toException(text string) error {
	if text == "" {
		return nil
	}
	text = strings.TrimRight(text, "\n")
	match := codeInText.FindStringSubmatch(text)
	if match == nil {
		return &exception{code: codeUnknown, text: fmt.Sprintf("Code: %d. DB::Exception: %s. (UNKNOWN_EXCEPTION)", codeUnknown, text)}
	}
	code, err := strconv.Atoi(match[1])
	if err != nil || code <= 0 {
		code = codeUnknown
	}
	return &exception{code: code, text: strings.TrimPrefix(text, "Error: ")}
}

// status is the HTTP status for the code. Clients look at the code; the status only has to differ from 200.
func (e *exception) status() int {
	switch e.code {
	case codeUnknownTable, codeUnknownDatabase:
		return http.StatusNotFound
	case codeBadArguments, codeSyntax, codeUnknownSetting, 6, 27, 43, 47, 53, codeCannotDecompress:
		return http.StatusBadRequest
	case codeTimeout:
		return http.StatusRequestTimeout
	case codeReadOnly, codeAccessDenied:
		return http.StatusForbidden
	case codeAuthentication:
		return http.StatusUnauthorized
	case codeTooManyQueries:
		return http.StatusServiceUnavailable
	case codeNotImplemented:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}
