package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// externalTable is a table that comes with a request (multipart/form-data) and lives as long as it.
type externalTable struct {
	name, structure, format string
	rows                    []byte
}

// readExternal reads a multipart body: files are external tables, described by X_structure and X_format of the URL; the
// field query is the statement; fields param_… are parameters.
func (q *request) readExternal() (tables []externalTable, text []byte, err error) {
	room := int64(maxText)
	for {
		part, err := q.external.NextPart()
		if errors.Is(err, io.EOF) {
			return tables, text, nil
		}
		if err != nil {
			return nil, nil, q.multipartError(err)
		}
		content, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return nil, nil, q.multipartError(err)
		}
		if room -= int64(len(content)); room < 0 {
			return nil, nil, refuse(codeBadArguments, "BAD_ARGUMENTS", "the external tables of a request are longer than %d bytes together", maxText)
		}
		name := part.FormName()
		switch {
		case name == "query":
			text = content
		case strings.HasPrefix(name, "param_"):
			q.params = append(q.params, parameter{strings.TrimPrefix(name, "param_"), string(content)})
		case q.externalText[name+"_structure"] == "":
			return nil, nil, refuse(codeBadArguments, "BAD_ARGUMENTS", "external table %q: the parameter %s_structure is missing", name, name)
		default:
			table := externalTable{name, q.externalText[name+"_structure"], q.externalText[name+"_format"], content}
			if table.format == "" {
				table.format = "TabSeparated"
			}
			tables = append(tables, table)
		}
	}
}

func (q *request) multipartError(err error) error {
	if q.raw.err != nil {
		return fmt.Errorf("read the request's body: %w", err)
	}
	return refuse(codeBadArguments, "BAD_ARGUMENTS", "read the parts of the request's body: %v", err)
}

// create makes the table on the request's connection and fills it.
func (t externalTable) create(conn *connection) error {
	statement := "CREATE TEMPORARY TABLE " + quoteName(t.name) + " (" + t.structure + ") ENGINE = Memory"
	s := look([]byte(statement))
	if err := guardText([]byte(statement), s); err != nil {
		return err
	}
	a, err := conn.analyse([]byte(statement))
	if err != nil {
		return err
	}
	if a.statements != 1 || a.class != classControl || !s.temporary {
		return refuse(codeBadArguments, "BAD_ARGUMENTS", "external table %q: %q is not a list of columns and types", t.name, t.structure)
	}
	if err := conn.execute(statement); err != nil {
		return err
	}
	if !isName(t.format) {
		return refuse(codeBadArguments, "BAD_ARGUMENTS", "external table %q: %q is not the name of a format", t.name, t.format)
	}
	in, err := conn.insert([]byte("INSERT INTO "+quoteName(t.name)), t.format, nil)
	if err != nil {
		return err
	}
	defer in.free()
	for rows := bytes.NewBuffer(t.rows); rows.Len() > 0; {
		if err := in.append(rows.Next(1 << 20)); err != nil {
			return err
		}
	}
	return in.done()
}

// isName says that a text is one word: the library writes the name of a format into the statement as it is.
func isName(text string) bool {
	for i := range len(text) {
		if !isWordByte(text[i]) {
			return false
		}
	}
	return text != ""
}
