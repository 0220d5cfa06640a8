package engine

import (
	"strings"
)

// What the guard is for: the engine runs with the rights of its process, and a statement can name any file, host or
// command that process can reach. Nothing in nianbao needs that, so nobody gets it: not a page, not an operator, not a
// mistake. There are four walls, because none covers everything (each hole below was tried against the engine):
//
//  1. Grants of the engine's user (configuration.go) stop table functions that read or write elsewhere, and the
//     `default` database, in which a quoted path is a table.
//  2. The engine's own parser classifies each statement: INTO OUTFILE, INSERT INTO FUNCTION, ATTACH, FREEZE and the
//     like are "control" statements; only those of controlAllowed pass.
//  3. The words of the text stop what grants and classes let through: the scalar function file(), INSERT FROM INFILE,
//     table engines such as File and URL, dictionaries whose source is a file, a host or a command line.
//  4. The kernel, where it can, keeps the process inside its folder and off the network (confine_linux.go), should a
//     text be found that talks the others past. It is the only wall that knows nothing of SQL.

// controlAllowed are the first words of control statements (class 3) that may run.
var controlAllowed = map[string]bool{"set": true, "use": true, "system": true, "kill": true, "backup": true, "restore": true}

// guardClass judges a statement by what the engine's parser says of it.
func guardClass(a analysis, s shape) error {
	switch {
	case a.statements > 1:
		return refuse(codeSyntax, "SYNTAX_ERROR", "Multi-statements are not allowed: the text holds %d statements, want one", a.statements)
	case a.class == classGlobal:
		return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses statements that change users, grants, functions or the system database")
	case a.class == classControl && !controlAllowed[s.first] && !s.temporary:
		return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses this statement: it reaches outside the store; of this kind only SET, USE, SYSTEM, KILL, BACKUP, RESTORE and temporary tables are allowed")
	}
	return nil
}

// outsideFunctions are functions and table functions that reach outside the store, or run a text as SQL. Each also with
// the ending "cluster", as s3Cluster.
var outsideFunctions = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`
		file filesystem url s3 gcs oss cosn hdfs azureblobstorage
		remote remotesecure mysql postgresql mongodb redis sqlite jdbc odbc ytsaurus arrowflight
		iceberg iceberglocal icebergs3 icebergazure iceberghdfs
		deltalake deltalakelocal deltalakes3 deltalakeazure hudi paimon paimonlocal paimons3 paimonazure paimonhdfs
		prometheusquery prometheusqueryrange
		aiclassify aiembed aiextract aigenerate aitranslate
		eval fuzzquery viewexplain
		executable executablepool python arrowstream catboostevaluate disk`) {
		names[name], names[name+"cluster"] = true, true
	}
	return names
}()

// structureFunctions are table functions that take column definitions as a text, in which an expression can stand.
var structureFunctions = map[string]bool{"format": true, "values": true, "generaterandom": true, "input": true, "null": true, "fuzzjson": true}

// textSettings are settings whose value is an expression, a column definition, a query or a path.
var textSettings = map[string]bool{
	"additional_table_filters": true, "additional_result_filter": true, "parallel_replicas_custom_key": true,
	"schema_inference_hints": true, "format_schema": true, "format_schema_source": true, "format_schema_message_name": true,
}

// engines are the table and database engines that keep everything inside the store; so does any ...MergeTree.
var engines = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`atomic memory null set join log tinylog stripelog buffer merge view
		materializedview dictionary generaterandom distributed`) {
		names[name] = true
	}
	return names
}()

// dictionaryKeys are what the CLICKHOUSE source of a dictionary may say: tables of this engine, and no text that would
// be run as a query.
var dictionaryKeys = map[string]bool{"table": true, "db": true, "database": true}

// guardText judges a statement by its words. For an INSERT with rows behind a FORMAT clause give it the text before
// the rows.
func guardText(text []byte, s shape) error {
	l := &lexer{text: text}
	var previous token
	for t := l.next(); t.kind != tokenEnd; previous, t = t, l.next() {
		word := l.word(t)
		switch {
		case l.sign(t, '('):
			if err := guardCall(l, previous, s); err != nil {
				return err
			}
		case textSettings[l.name(t)]:
			return refuseSetting(l.name(t))
		case word == "apply":
			if err := guardReference(*l); err != nil {
				return err
			}
		case word == "infile" || word == "outfile":
			if next := *l; next.next().kind == tokenString {
				return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses %s: it would reach files outside the store", strings.ToUpper(word))
			}
		case word == "engine" && s.defines:
			if err := guardEngine(*l); err != nil {
				return err
			}
		case word == "source" && s.dictionary:
			if err := guardSource(*l); err != nil {
				return err
			}
		}
	}
	return nil
}

// guardCall judges the function whose opening bracket was just read.
func guardCall(l *lexer, name token, s shape) error {
	called := l.name(name)
	switch {
	case called == "":
		return nil
	case name.kind == tokenQuoted && strings.ContainsAny(called, "\\`\""):
		return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses a quoted function name with an escape in it: %s", l.text[name.start:name.end])
	case called == "file" && (s.first == "backup" || s.first == "restore"):
		return nil // the engine itself keeps these inside backups.allowed_path
	case outsideFunctions[called]:
		return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses %s(): it would reach outside the store", l.text[name.start:name.end])
	case called == "apply" || strings.HasPrefix(called, "array") || strings.HasPrefix(called, "map"):
		return guardReference(*l)
	case structureFunctions[called] && (s.values == 0 || name.start != s.values):
		return guardStructure(*l, s)
	}
	return nil
}

// guardReference judges a function that is named and not called, where the engine takes one: arrayMap(file, …), APPLY file.
func guardReference(l lexer) error {
	t := l.next()
	if l.sign(t, '(') {
		t = l.next()
	}
	name := l.name(t)
	if outsideFunctions[name] || t.kind == tokenQuoted && strings.ContainsAny(name, "\\`\"") {
		return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses the name %s where it can be a function that reaches outside the store; if it is a column, write it with its table: t.%[1]s", l.text[t.start:t.end])
	}
	return nil
}

func refuseSetting(name string) error {
	return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses the setting %s, whose value could reach outside the store", name)
}

// guardStructure judges the texts among the arguments of a table function, since a column definition among them can
// hold an expression: format(CSV, 'a String DEFAULT file(…)', …).
func guardStructure(l lexer, s shape) error {
	for depth := 1; depth > 0; {
		t := l.next()
		switch {
		case t.kind == tokenEnd:
			return nil
		case l.sign(t, '('):
			depth++
		case l.sign(t, ')'):
			depth--
		case t.kind == tokenString:
			inner := strings.NewReplacer(`\'`, `'`, `''`, `'`, `\\`, `\`, "\\`", "`").Replace(string(l.text[t.start+1 : t.end]))
			if strings.ContainsAny(inner, `\$`) && strings.Contains(inner, "(") {
				return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses an escape or a here document in the text of a table function")
			}
			if err := guardText([]byte(inner), shape{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// afterEngineColumn are words that follow a column called engine, as in SELECT engine FROM system.tables.
var afterEngineColumn = map[string]bool{"from": true, "as": true, "and": true, "or": true, "in": true, "not": true, "is": true, "like": true, "where": true, "asc": true, "desc": true}

func guardEngine(l lexer) error {
	t := l.next()
	if l.sign(t, '=') {
		t = l.next()
	} else if afterEngineColumn[l.word(t)] {
		return nil
	}
	name := l.name(t)
	if name == "" || engines[name] || strings.HasSuffix(name, "mergetree") {
		return nil
	}
	return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses the engine %s: it would reach outside the store; take one of the MergeTree family, Memory, Log, Null, Merge, Join, Set, Buffer, Dictionary or Atomic", l.text[t.start:t.end])
}

func guardSource(l lexer) error {
	if !l.sign(l.next(), '(') {
		return nil
	}
	kind := l.next()
	switch l.name(kind) {
	case "null":
		return nil
	case "clickhouse":
		if !l.sign(l.next(), '(') {
			return nil
		}
		for {
			key := l.next()
			if l.sign(key, ')') || key.kind == tokenEnd {
				return nil
			}
			if !dictionaryKeys[l.name(key)] {
				return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses %s in the source of a dictionary; only table and db are allowed", l.text[key.start:key.end])
			}
			l.next() // its value
		}
	}
	return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses the dictionary source %s: it would reach outside the store; only CLICKHOUSE(table … db …) and NULL are allowed", l.text[kind.start:kind.end])
}
