package board

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// largest bounds a file, in bytes.
const largest = 256 << 10

// Parse reads a board from YAML. What the file does not name is as in [Usual], but a key that is not known, or stands there
// twice, is an error that names its line and the key that may have been meant. The board is not checked otherwise.
func Parse(text []byte) (Board, error) {
	b := Usual("")
	if len(text) > largest {
		return b, fmt.Errorf("read board: the file has %d bytes, want at most %d", len(text), largest)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return b, fmt.Errorf("read board: %w", err)
	}
	if len(doc.Content) != 1 {
		return b, errors.New("read board: the file is empty, want name and slides")
	}
	err := mapping(doc.Content[0], fields{
		"name": text1(&b.Name), "place": text1(&b.Place), "language": text1(&b.Language), "theme": text1(&b.Theme),
		"shape": text1((*string)(&b.Screen.Shape)), "diagonal": decimal(&b.Screen.Diagonal), "distance": decimal(&b.Screen.Distance), "seams": list(&b.Screen.Seams, whole),
		"names": text1((*string)(&b.Names)), "reload": clock(&b.Reload), "stale": whole(&b.Stale),
		"dim": func(n *yaml.Node) error {
			return mapping(n, fields{"from": clock(&b.Dim.From), "to": clock(&b.Dim.To), "percent": whole(&b.Dim.Percent)})
		},
		"slides": list(&b.Slides, slide),
	})
	if err != nil {
		return b, fmt.Errorf("read board: %w", err)
	}
	return b, nil
}

func slide(s *Slide) field {
	return func(n *yaml.Node) error {
		s.Seconds = UsualSeconds
		return mapping(n, fields{"view": text1(&s.View), "title": text1(&s.Title), "text": text1(&s.Text), "seconds": whole(&s.Seconds)})
	}
}

// field reads the value of a key.
type field func(*yaml.Node) error

type fields map[string]field

func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{n.Line}, args...)...)
}

func mapping(n *yaml.Node, known fields) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "want keys and values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case !ok:
			return at(key, "key %q is not known here%s", key.Value, meant(key.Value, known))
		case seen[key.Value]:
			return at(key, "key %q stands there twice", key.Value)
		case value.Kind == yaml.AliasNode:
			return at(value, "%s: want the value itself, no alias", key.Value)
		}
		seen[key.Value] = true
		if err := read(value); err != nil {
			return fmt.Errorf("%s: %w", key.Value, err)
		}
	}
	return nil
}

// meant proposes a known key that is spelt much like the given one, or lists them all.
func meant(key string, known fields) string {
	best, least := "", 3
	var all []string
	for k := range known {
		all = append(all, k)
		if d := levenshtein.ComputeDistance(strings.ToLower(key), k); d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; want one of " + strings.Join(slices.Sorted(slices.Values(all)), ", ")
}

func text1(into *string) field {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode {
			return at(n, "want a text")
		}
		*into = strings.TrimRight(n.Value, "\n")
		return nil
	}
}

func whole(into *int) field {
	return func(n *yaml.Node) error {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			return at(n, "%q, want a whole number", n.Value)
		}
		*into = v
		return nil
	}
}

func decimal(into *float64) field {
	return func(n *yaml.Node) error {
		v, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil {
			return at(n, "%q, want a number", n.Value)
		}
		*into = v
		return nil
	}
}

func clock(into *Clock) field {
	return func(n *yaml.Node) (err error) {
		if *into, err = ParseClock(n.Value); err != nil {
			return at(n, "%w", err)
		}
		return nil
	}
}

func list[T any](into *[]T, read func(*T) field) field {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode {
			return at(n, "want a list")
		}
		*into = make([]T, len(n.Content))
		for i, item := range n.Content {
			if item.Kind == yaml.AliasNode {
				return at(item, "want the value itself, no alias")
			}
			if err := read(&(*into)[i])(item); err != nil {
				return fmt.Errorf("%d: %w", i+1, err)
			}
		}
		return nil
	}
}

// YAML writes the board so that [Parse] reads the same one, with every key in a fixed order: equal boards are equal bytes.
func (b *Board) YAML() []byte {
	type dimFile struct {
		From    string `yaml:"from"`
		To      string `yaml:"to"`
		Percent int    `yaml:"percent"`
	}
	type slideFile struct {
		View    string `yaml:"view,omitempty"`
		Title   string `yaml:"title,omitempty"`
		Text    lines  `yaml:"text,omitempty"`
		Seconds int    `yaml:"seconds"`
	}
	file := struct {
		Name     string      `yaml:"name"`
		Place    string      `yaml:"place,omitempty"`
		Language string      `yaml:"language"`
		Theme    string      `yaml:"theme"`
		Shape    string      `yaml:"shape"`
		Diagonal float64     `yaml:"diagonal"`
		Distance float64     `yaml:"distance"`
		Seams    []int       `yaml:"seams,omitempty,flow"`
		Names    string      `yaml:"names"`
		Dim      *dimFile    `yaml:"dim,omitempty"`
		Reload   string      `yaml:"reload"`
		Stale    int         `yaml:"stale"`
		Slides   []slideFile `yaml:"slides"`
	}{b.Name, b.Place, b.Language, b.Theme, string(b.Screen.Shape), b.Screen.Diagonal, b.Screen.Distance, b.Screen.Seams, string(b.Names), nil, b.Reload.String(), b.Stale, []slideFile{}}
	if b.Dim.From != b.Dim.To {
		file.Dim = &dimFile{b.Dim.From.String(), b.Dim.To.String(), b.Dim.Percent}
	}
	for _, s := range b.Slides {
		file.Slides = append(file.Slides, slideFile{s.View, s.Title, lines(s.Text), s.Seconds})
	}
	text, err := yaml.Marshal(file)
	if err != nil { // texts and numbers only
		panic(fmt.Errorf("write board: %w", err))
	}
	return text
}

// lines is a text as it stands in the file: line by line where it is an ordinary one. The library writes lines that begin
// with a space so that it cannot read them itself; these are quoted.
type lines string

func (l lines) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(l), Style: yaml.LiteralStyle}
	for line := range strings.SplitSeq(string(l), "\n") {
		if strings.TrimSpace(line) != line || line == "" || strings.ContainsRune(line, '\t') {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	return n, nil
}
