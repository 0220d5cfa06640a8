package settings

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// masked stands where a secret would be shown.
const masked = "(secret)"

// Dump writes values as a file of settings, each with where it comes from. Secrets are masked.
func Dump(values []Value) string {
	var out strings.Builder
	for _, v := range values {
		text := v.Text
		line := v.Name + ":"
		switch {
		case v.Secret && text != "":
			line = "# " + line + " " + masked
		case text == "":
			line = "# " + line
		default:
			line += " " + quoted(v.Setting, text)
		}
		origin := v.Origin.String()
		if v.Origin != FromDefault {
			origin += ", " + v.Place
		}
		fmt.Fprintf(&out, "%s # %s\n", line, origin)
	}
	return out.String()
}

// quoted writes a value as YAML.
func quoted(s *Setting, text string) string {
	var value any = text
	switch s.Default.(type) {
	case []string:
		return "[" + strings.Join(mapped(strings.Split(text, ","), plainOrQuoted), ", ") + "]"
	case bool, int, float64:
		return text
	}
	return plainOrQuoted(value.(string))
}

func mapped(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

func plainOrQuoted(text string) string {
	b, err := yaml.MarshalWithOptions(text, yaml.Flow(true))
	if err != nil { // a string can be written
		panic(err)
	}
	return strings.TrimSuffix(string(b), "\n")
}

// Markdown is the documentation of the settings: a table in the order of their declaration.
func (t Table) Markdown() string {
	var out strings.Builder
	out.WriteString("| setting: key and flag | variable | default | commands | meaning |\n|---|---|---|---|---|\n")
	for i := range t {
		s := &t[i]
		names := "`" + s.Name + "`"
		if !s.Exported {
			names += "<br>`--" + s.Name + "`"
		}
		variables := "`" + s.Variable() + "`"
		meaning := s.Meaning
		if s.Secret {
			names += "<br>`" + s.Name + fileSuffix + "`"
			variables += "<br>`" + s.Variable() + fileVariableSuffix + "`"
			meaning += ". A secret"
		}
		standard := ""
		if text := Text(s.Default); text != "" {
			standard = "`" + text + "`"
		}
		if s.Unit != "" {
			standard += " " + s.Unit
		}
		if s.Exported {
			names += "<br>(no flag)"
		}
		commands := s.Commands
		if commands == "" {
			commands = "all"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", names, variables, strings.TrimSpace(standard), commands, strings.ReplaceAll(meaning, "|", `\|`))
	}
	return out.String()
}
