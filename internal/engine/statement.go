package engine

import "bytes"

// shape is what the bridge must know of a statement's text before it can route it. What a statement does is asked of
// the engine's parser (analysis); shape only finds words.
type shape struct {
	first      string // the first word, lower case, brackets skipped
	temporary  bool   // CREATE or DROP TEMPORARY …
	dictionary bool   // CREATE [OR REPLACE] DICTIONARY …
	defines    bool   // CREATE, REPLACE, ATTACH or ALTER: a word ENGINE names an engine

	format      string // the FORMAT clause of a query, which wins over the request's default; "" without one
	arrayOfRows bool   // the text names output_format_json_array_of_rows, which frames JSONEachRow

	// For INSERT … FORMAT X: where the clause starts and where the rows start. rows is 0 for every other statement, and
	// for INSERT with VALUES or SELECT, which the engine reads whole.
	insertFormat   string
	clause, rows   int
	values         int  // where the word VALUES of an INSERT stands, which is no function; 0 without
	insertComplete bool // the FORMAT clause was followed by something, so rows is certain
}

// look reads as much of the text as it needs. An INSERT's rows are not looked at.
func look(text []byte) shape {
	l := &lexer{text: text}
	t := l.next()
	for l.sign(t, '(') {
		t = l.next()
	}
	s := shape{first: l.word(t)}
	switch s.first {
	case "insert":
		s.lookInsert(l)
		return s
	case "create", "replace", "attach", "alter", "drop", "detach":
		s.defines = true
		probe := *l
		for range 4 {
			switch probe.word(probe.next()) {
			case "temporary":
				s.temporary = true
			case "dictionary":
				s.dictionary = true
			}
		}
	}
	s.lookFormat(l)
	return s
}

// lookFormat finds FORMAT name at the end of a query, outside brackets: behind the name stands nothing, a semicolon,
// or SETTINGS.
func (s *shape) lookFormat(l *lexer) {
	depth := 0
	var name string
	for previous, t := (token{}), l.next(); t.kind != tokenEnd; previous, t = t, l.next() {
		word := l.word(t)
		switch {
		case word == "output_format_json_array_of_rows":
			s.arrayOfRows = true
		case l.sign(t, '('):
			depth++
		case l.sign(t, ')'):
			depth--
		case depth <= 0 && l.word(previous) == "format" && word != "":
			name = word
			after := *l
			if next := after.next(); next.kind == tokenEnd || l.sign(next, ';') || l.word(next) == "settings" {
				s.format = name
			}
		}
	}
}

// lookInsert finds the FORMAT clause of INSERT [INTO] [TABLE] name [(columns)] [SETTINGS …] FORMAT X rows.
func (s *shape) lookInsert(l *lexer) {
	t := l.next()
	for word := l.word(t); word == "into" || word == "table"; word = l.word(t) {
		ahead := *l
		if next := ahead.next(); l.sign(next, '.') { // a database called into or table
			break
		}
		t = l.next()
	}
	if l.name(t) == "" || l.word(t) == "function" {
		return
	}
	t = l.next()
	for l.sign(t, '.') {
		l.next()
		t = l.next()
	}
	for depth := 0; t.kind != tokenEnd; t = l.next() {
		word := l.word(t)
		switch {
		case l.sign(t, '('):
			depth++
		case l.sign(t, ')'):
			depth--
		case depth > 0:
		case word == "values":
			s.values = t.start
			return
		case word == "select" || word == "with" || word == "from" || word == "watch":
			return
		case word == "format":
			name := l.next()
			if l.word(name) == "" || l.word(name) == "values" {
				return
			}
			s.insertFormat = string(l.text[name.start:name.end])
			s.clause, s.rows = t.start, rowsStart(l.text, name.end)
			s.insertComplete = name.end < len(l.text)
			return
		}
	}
}

// rowsStart is where the rows begin behind a FORMAT clause that ends at end: behind the first line break when only
// spaces precede it, else behind the spaces (ParserInsertQuery).
func rowsStart(text []byte, end int) int {
	i := end
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\f') {
		i++
	}
	if i < len(text) && text[i] == '\r' {
		i++
	}
	if i < len(text) && text[i] == '\n' {
		i++
	}
	return i
}

// isBlank says that a text holds nothing but spaces.
func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }
