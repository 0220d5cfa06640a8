package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/danielgtaylor/huma/v2"

	"nianbao/internal/form"
)

// knownParameters refuses parameters that an operation does not declare, one given twice, and a word that is none of those
// allowed: an address that is obeyed in half lies. It says what is allowed and what may have been meant.
func (s *service) knownParameters(ctx huma.Context, next func(huma.Context)) {
	known := map[string]*huma.Schema{}
	var codes []string
	for _, p := range ctx.Operation().Parameters {
		if p.In == "query" {
			known[p.Name] = s.schema(p.Schema)
			codes = append(codes, p.Name)
		}
	}
	u := ctx.URL()
	var wrong []error
	refuse := func(name, value, message string) {
		wrong = append(wrong, &huma.ErrorDetail{Message: message, Location: "query." + name, Value: value})
	}
	for name, values := range u.Query() {
		schema, ok := known[name]
		switch {
		case !ok && len(known) == 0:
			refuse(name, strings.Join(values, ","), "unknown parameter, this address takes none")
		case !ok:
			refuse(name, strings.Join(values, ","), "unknown parameter, want one of: "+strings.Join(codes, ", ")+meant(name, codes))
		case len(values) != 1:
			refuse(name, strings.Join(values, " "), "given more than once, want one value; several are separated by commas")
		case values[0] != "":
			for _, v := range s.foreignWords(schema, values[0]) {
				allowed := enumOf(s, schema)
				refuse(name, v, "want one of: "+strings.Join(allowed, ", ")+meant(v, allowed))
			}
		}
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		s.fail(ctx, http.StatusUnprocessableEntity, "validation failed", wrong...)
		return
	}
	next(ctx)
}

// schema follows a reference.
func (s *service) schema(of *huma.Schema) *huma.Schema {
	if of != nil && of.Ref != "" {
		return s.api.OpenAPI().Components.Schemas.SchemaFromRef(of.Ref)
	}
	return of
}

// enumOf lists the words that a parameter takes, nil if it takes any.
func enumOf(s *service, of *huma.Schema) []string {
	if of == nil {
		return nil
	}
	if of.Type == huma.TypeArray {
		return enumOf(s, s.schema(of.Items))
	}
	var out []string
	for _, v := range of.Enum {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// foreignWords are the words of a value that the parameter does not take.
func (s *service) foreignWords(of *huma.Schema, value string) (out []string) {
	allowed := enumOf(s, of)
	if len(allowed) == 0 {
		return nil
	}
	words := []string{value}
	if of.Type == huma.TypeArray {
		words = strings.Split(value, ",")
	}
	for _, w := range words {
		if !slices.Contains(allowed, w) {
			out = append(out, w)
		}
	}
	return out
}

// meant guesses which of some words was meant: one that is few letters away, or the code of the measure that bears the
// name.
func meant(word string, words []string) string {
	const ask = "; did you mean %s?"
	for _, m := range form.Measures {
		if word != "" && (m.Name == word || strings.EqualFold(m.En, word)) && slices.Contains(words, m.Code) {
			return fmt.Sprintf(ask, m.Code)
		}
	}
	best, least := "", max(2, len([]rune(word))/3)+1
	for _, w := range words {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), w); d < least {
			best, least = w, d
		}
	}
	if best == "" {
		for _, m := range form.Measures { // part of a Chinese name
			if len([]rune(word)) > 1 && strings.Contains(m.Name, word) && slices.Contains(words, m.Code) {
				return fmt.Sprintf(ask, m.Code)
			}
		}
		return ""
	}
	return fmt.Sprintf(ask, best)
}
