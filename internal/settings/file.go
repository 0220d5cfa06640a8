package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A File is a YAML file of settings: one mapping from names to values, no levels.
type File struct {
	name    string
	entries map[string]entry
}

type entry struct {
	text string
	line int
}

// mostBytes of a file of settings.
const mostBytes = 1 << 20

// ReadFile reads a file of settings. It reports every problem that it finds: syntax, keys that are no settings, keys that stand twice,
// values of another kind.
func (t Table) ReadFile(name string) (*File, []error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, []error{fmt.Errorf("read the settings: %w", err)}
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(content) > mostBytes {
		err = fmt.Errorf("%s has more than %d bytes", name, mostBytes)
	}
	if err != nil {
		return nil, []error{fmt.Errorf("read the settings: %w", err)}
	}
	return t.parse(name, content)
}

func (t Table) parse(name string, content []byte) (*File, []error) {
	file := &File{name: name, entries: map[string]entry{}}
	parsed, err := parser.ParseBytes(content, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		// Only the first line: the following ones quote the file, which may hold a secret.
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, []error{fmt.Errorf("%s: %s", name, line)}
	}
	var problems []error
	wrong := func(line int, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s:%d: %w", name, line, fmt.Errorf(format, args...)))
	}
	var pairs []*ast.MappingValueNode
	documents := 0
	for _, d := range parsed.Docs {
		switch body := d.Body.(type) {
		case nil:
			continue
		case *ast.CommentGroupNode, *ast.NullNode:
			continue
		case *ast.MappingNode:
			pairs = append(pairs, body.Values...)
		case *ast.MappingValueNode:
			pairs = append(pairs, body)
		default:
			wrong(body.GetToken().Position.Line, "want one line for each setting, name: value")
		}
		documents++
	}
	if documents > 1 {
		problems = append(problems, fmt.Errorf("%s: holds %d YAML documents, want one", name, documents))
	}
	known := t.keys()
	for _, pair := range pairs {
		line := pair.Key.GetToken().Position.Line
		key := pair.Key.GetToken().Value
		s, inFile := t.key(key)
		if s == nil {
			wrong(line, "%s is no setting%s", key, meant(key, known))
			continue
		}
		if _, twice := file.entries[key]; twice {
			wrong(line, "%s stands twice", key)
			continue
		}
		text, err := scalar(pair.Value)
		if _, list := s.Default.([]string); list && err != nil {
			text, err = sequence(pair.Value)
		}
		if err == nil && !inFile {
			err = s.check(text)
		}
		if err != nil {
			wrong(line, "%s: %w", key, err)
			continue
		}
		file.entries[key] = entry{text, line}
	}
	return file, problems
}

// scalar is the text of a value that is neither a list nor a mapping.
func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	case *ast.NullNode:
		return "", errors.New("has no value; take the line out for the default")
	}
	return "", errors.New("want one value")
}

func sequence(n ast.Node) (string, error) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return "", errors.New("want a list")
	}
	var texts []string
	for _, v := range list.Values {
		text, err := scalar(v)
		if err != nil {
			return "", err
		}
		if strings.Contains(text, ",") {
			return "", fmt.Errorf("%q: want elements without a comma", text)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ","), nil
}

// keys are all keys that a file may have.
func (t Table) keys() []string {
	var keys []string
	for i := range t {
		keys = append(keys, t[i].Name)
		if t[i].Secret {
			keys = append(keys, t[i].Name+fileSuffix)
		}
	}
	return keys
}

// key finds the setting of a key, nil if there is none, and whether the key names the file with its value.
func (t Table) key(key string) (s *Setting, inFile bool) {
	for i := range t {
		switch {
		case key == t[i].Name:
			return &t[i], false
		case t[i].Secret && key == t[i].Name+fileSuffix:
			return &t[i], true
		}
	}
	return nil, false
}

// layer is what a file says of a setting; no file says nothing.
func (f *File) layer(s *Setting) layer {
	l := layer{origin: FromFile}
	if f == nil {
		return l
	}
	direct, given := f.entries[s.Name]
	l.text, l.given, l.direct = direct.text, given, fmt.Sprintf("%s:%d: %s", f.name, direct.line, s.Name)
	if s.Secret {
		in, given := f.entries[s.Name+fileSuffix]
		l.file, l.fileGiven, l.inFile = in.text, given, fmt.Sprintf("%s:%d: %s", f.name, in.line, s.Name+fileSuffix)
	}
	return l
}

// meant is a half sentence that names the known word nearest to one that is not known, or nothing if none is near.
func meant(word string, known []string) string {
	plain := strings.NewReplacer("_", "-").Replace
	distance := func(k string) int {
		return levenshtein.ComputeDistance(strings.ToLower(plain(word)), strings.ToLower(plain(k)))
	}
	if len(known) == 0 {
		return ""
	}
	nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(nearest) > max(2, len(word)/3) {
		return ""
	}
	return "; did you mean " + nearest + "?"
}
