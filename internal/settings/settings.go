// Package settings finds what an installation is set to. A program declares its settings in one [Table]; flags, environment
// variables, the keys of a YAML file and the table in the documentation all derive from it.
//
// What flows in are the command line, the environment and the file; what flows out are values in the variables that were
// bound to flags, and for each setting its [Origin]. The command line counts before the environment, that before the file, and
// that before the default. Every secret can stand in a file of its own instead: flag --name-file, variable NAME_FILE, key name-file.
package settings

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Prefix starts the name of every variable of the environment.
const Prefix = "NIANBAO_"

// A Setting is one thing that an installation can set.
type Setting struct {
	Name string // flag and key of the file, as query-time
	Env  string // variable of the environment, where it is not Prefix and the name
	// Default is a string, bool, int, float64, time.Duration or []string, which is the type of the setting.
	Default  any
	Unit     string // of a number
	Meaning  string // what it does, for --help and the documentation
	Commands string // which commands look at it, in words; empty: all
	Secret   bool   // never shown; can stand in a file of its own
	// Exported settings are read from the environment by packages below and by child processes: what the file says is
	// put there. They have no flag.
	Exported bool
	// Check says what is wrong with a text that has the right type, nil if nothing may be.
	Check func(text string) error
}

// A Table declares settings in the order in which they are documented.
type Table []Setting

// Variable is the name of the setting in the environment.
func (s *Setting) Variable() string {
	if s.Env != "" {
		return s.Env
	}
	return Prefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// The endings of the forms that name a file with the value of a secret.
const (
	fileSuffix         = "-file"
	fileVariableSuffix = "_FILE"
)

// Find returns the setting of a name. Asking for one that was not declared is a mistake of the program.
func (t Table) Find(name string) *Setting {
	i := slices.IndexFunc(t, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		panic("settings: " + name + " is not declared")
	}
	return &t[i]
}

// Bind makes a flag of a setting, which sets a variable of its type.
func (t Table) Bind(flags *pflag.FlagSet, name string, to any) {
	s := t.Find(name)
	usage := s.usage()
	switch to := to.(type) {
	case *string:
		flags.StringVar(to, name, s.Default.(string), usage)
	case *bool:
		flags.BoolVar(to, name, s.Default.(bool), usage)
	case *int:
		flags.IntVar(to, name, s.Default.(int), usage)
	case *float64:
		flags.Float64Var(to, name, s.Default.(float64), usage)
	case *time.Duration:
		flags.DurationVar(to, name, s.Default.(time.Duration), usage)
	case *[]string:
		flags.StringSliceVar(to, name, s.Default.([]string), usage)
	default:
		panic(fmt.Sprintf("settings: %s cannot be kept in a %T", name, to))
	}
	if s.Secret {
		flags.String(name+fileSuffix, "", "file that holds --"+name+" ("+s.Variable()+fileVariableSuffix+")")
	}
}

func (s *Setting) usage() string {
	text := s.Meaning
	if s.Unit != "" {
		text += ", in " + s.Unit
	}
	return text + " (" + s.Variable() + ")"
}

// Text is a value of a setting as it is written on the command line and in the file.
func Text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Duration:
		text := v.String() // 5m0s is 5m
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
		return text
	case []string:
		return strings.Join(v, ",")
	}
	panic(fmt.Sprintf("settings: a value of type %T", value))
}

// kind names the type of a setting for people.
func (s *Setting) kind() string {
	switch s.Default.(type) {
	case bool:
		return "true or false"
	case int:
		return "whole number"
	case float64:
		return "number"
	case time.Duration:
		return "duration such as 30s, 5m or 1h"
	case []string:
		return "list"
	}
	return "text"
}

// check reports what is wrong with a text as value of the setting.
func (s *Setting) check(text string) error {
	var err error
	switch s.Default.(type) {
	case bool:
		_, err = strconv.ParseBool(text)
	case int:
		_, err = strconv.Atoi(text)
	case float64:
		_, err = strconv.ParseFloat(text, 64)
	case time.Duration:
		_, err = time.ParseDuration(text)
	}
	if err != nil {
		if s.Secret {
			return fmt.Errorf("want a %s", s.kind())
		}
		return fmt.Errorf("%q, want a %s", text, s.kind())
	}
	if s.Check != nil {
		return s.Check(text)
	}
	return nil
}

// An Origin says where the value of a setting comes from. The greater one counts.
type Origin int

// The origins.
const (
	FromDefault Origin = iota
	FromFile
	FromEnvironment
	FromFlag
)

func (o Origin) String() string {
	return [...]string{"default", "file", "environment", "command line"}[o]
}

// A Value is what one setting is set to.
type Value struct {
	*Setting
	Text   string
	Origin Origin
	Place  string // for people: "line 3 of /etc/nianbao.yaml", "NIANBAO_LISTEN", "--listen"
}

// Sources are where values come from, apart from the command line.
type Sources struct {
	Env  []string // as os.Environ
	File *File    // nil if there is none
}

// Resolve finds the value of every setting: what was given on the command line, if flags is not nil, else the environment, else
// the file, else the default. It reports every problem that it finds.
func (t Table) Resolve(flags *pflag.FlagSet, from Sources) (values []Value, problems []error) {
	env := map[string]string{}
	for _, pair := range from.Env {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	for i := range t {
		s := &t[i]
		v := Value{Setting: s, Text: Text(s.Default), Place: "default"}
		for _, layer := range []struct {
			origin           Origin
			direct, inFile   string // names of the two forms
			text, file       string
			given, fileGiven bool
		}{
			fromFlags(s, flags),
			fromEnv(s, env),
			from.File.layer(s),
		} {
			if layer.given && layer.fileGiven {
				problems = append(problems, fmt.Errorf("%s and %s are both given, want one", layer.direct, layer.inFile))
				break
			}
			text, place := layer.text, layer.direct
			if layer.fileGiven {
				content, err := os.ReadFile(layer.file)
				if err != nil {
					problems = append(problems, fmt.Errorf("%s: read the secret: %w", layer.inFile, err))
					break
				}
				text, place = strings.TrimRight(string(content), "\r\n"), layer.inFile
				if text == "" {
					problems = append(problems, fmt.Errorf("%s: %s is empty, want the value of %s in it", layer.inFile, layer.file, s.Name))
					break
				}
			}
			if !layer.given && !layer.fileGiven {
				continue
			}
			if err := s.check(text); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", place, err))
				break
			}
			v.Text, v.Origin, v.Place = text, layer.origin, place
			break
		}
		values = append(values, v)
	}
	return values, problems
}

type layer = struct {
	origin           Origin
	direct, inFile   string
	text, file       string
	given, fileGiven bool
}

func fromFlags(s *Setting, flags *pflag.FlagSet) layer {
	l := layer{origin: FromFlag, direct: "--" + s.Name, inFile: "--" + s.Name + fileSuffix}
	if flags == nil {
		return l
	}
	if f := flags.Lookup(s.Name); f != nil && f.Changed {
		l.text, l.given = f.Value.String(), true
		if list, ok := f.Value.(pflag.SliceValue); ok {
			l.text = strings.Join(list.GetSlice(), ",")
		}
	}
	if f := flags.Lookup(s.Name + fileSuffix); s.Secret && f != nil && f.Changed {
		l.file, l.fileGiven = f.Value.String(), true
	}
	return l
}

// fromEnv takes an empty variable for one that is not set, as shells and containers leave them.
func fromEnv(s *Setting, env map[string]string) layer {
	l := layer{origin: FromEnvironment, direct: s.Variable(), inFile: s.Variable() + fileVariableSuffix}
	l.text = env[l.direct]
	l.given = l.text != ""
	if s.Secret {
		l.file = env[l.inFile]
		l.fileGiven = l.file != ""
	}
	return l
}

// Apply puts values into the variables that are bound to flags, and exported ones into the environment of this process.
func Apply(flags *pflag.FlagSet, values []Value) error {
	for _, v := range values {
		if v.Exported {
			if v.Origin == FromFile {
				if err := os.Setenv(v.Variable(), v.Text); err != nil {
					return fmt.Errorf("%s: %w", v.Place, err)
				}
			}
			continue
		}
		f := flags.Lookup(v.Name)
		if f == nil || v.Origin == FromDefault || f.Changed {
			continue
		}
		// The flag stays unchanged in the eyes of the command: what was given on the command line remains known.
		if list, ok := f.Value.(pflag.SliceValue); ok {
			if err := list.Replace(strings.Split(v.Text, ",")); err != nil {
				return fmt.Errorf("%s: %w", v.Place, err)
			}
			continue
		}
		if err := f.Value.Set(v.Text); err != nil { // check let it through
			return fmt.Errorf("%s: %w", v.Place, err)
		}
	}
	return nil
}

// Strangers lists variables of the environment that look like settings and are none, each with what may have been meant.
// other are variables that something else looks at.
func (t Table) Strangers(env []string, other ...string) []string {
	var known, strange []string
	for i := range t {
		known = append(known, t[i].Variable())
		if t[i].Secret {
			known = append(known, t[i].Variable()+fileVariableSuffix)
		}
	}
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, Prefix) && !slices.Contains(known, name) && !slices.Contains(other, name) {
			strange = append(strange, name+" is no setting"+meant(name, known))
		}
	}
	slices.Sort(strange)
	return strange
}
