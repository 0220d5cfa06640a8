package text_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"nianbao/ingest/document"
	"nianbao/ingest/document/text"
)

// dump writes a document so that a reader sees what the program sees.
func dump(d *document.Document) string {
	var b strings.Builder
	for _, block := range d.Blocks {
		if block.Grid == nil {
			mark := "¶"
			if block.Heading {
				mark = "#"
			}
			fmt.Fprintf(&b, "%s %s @%d\n", mark, block.Text, block.At.Line)
			continue
		}
		fmt.Fprintf(&b, "▦ %d rows\n", block.Grid.Rows)
		for r := 1; r <= block.Grid.Rows; r++ {
			var cells []string
			for _, c := range block.Grid.RowOf(r) {
				cells = append(cells, c.Text)
			}
			fmt.Fprintf(&b, "  [%s]\n", strings.Join(cells, "¦"))
		}
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"paragraphs", "标题\n\n正文一\n正文二\n", "¶ 标题 @1\n¶ 正文一 @3\n¶ 正文二 @4\n"},
		{"tabs", "规章\t0\t1\n行政许可\t5\t\n", "▦ 2 rows\n  [规章¦0¦1]\n  [行政许可¦5¦]\n"},
		{"tabs with a leading empty cell", "\t\t1. 属于国家秘密\t0\n", "▦ 1 rows\n  [¦¦1. 属于国家秘密¦0]\n"},
		{"an indented line is no table", "\t本机关无此情况\n", "¶ 本机关无此情况 @1\n"},
		{"pipes at the end", "规章 | 0 | 0 | 0 |\n行政许可 | 5 | |\n", "▦ 2 rows\n  [规章¦0¦0¦0]\n  [行政许可¦5¦]\n"},
		{"markdown", "# 标题\n\n| 规章 | 0 |\n|---|---|\n| 行政许可 | 5 |\n", "# 标题 @1\n▦ 2 rows\n  [规章¦0]\n  [行政许可¦5]\n"},
		{"one cell a line", "规章 |\n0 |\n|\n3 |\n", "▦ 1 rows\n  [规章¦0¦¦3]\n"},
		{"empty cells after one another", "规章 |\n0 |\n|||\n", "▦ 1 rows\n  [规章¦0¦¦¦]\n"},
		{"a line of text ends a table", "规章\t0\n说明\n行政许可\t5\n", "▦ 1 rows\n  [规章¦0]\n¶ 说明 @2\n▦ 1 rows\n  [行政许可¦5]\n"},
		{"an empty line does not", "规章\t0\n\n行政许可\t5\n", "▦ 2 rows\n  [规章¦0]\n  [行政许可¦5]\n"},
		{"windows line ends", "甲\r\n乙\r\n", "¶ 甲 @1\n¶ 乙 @2\n"},
		{"nothing", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := text.Read(context.Background(), []byte(tc.in), document.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, dump(d)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	small := document.Limits{Bytes: 100, Cells: 10, Text: 100, Nesting: 10}
	for code, in := range map[string]string{
		"too_large":      strings.Repeat("字", 50),
		"too_many_cells": strings.Repeat("0\t", 11),
	} {
		_, err := text.Read(context.Background(), []byte(in), small)
		var r *document.Refusal
		if !errors.As(err, &r) || r.Problem.Code != code {
			t.Errorf("got %v, want a refusal %s", err, code)
		}
	}
}

// FuzzRead: cells and paragraphs together hold the letters and digits of the text, in order, and nothing else.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"规章\t0\n", "a | b |\n|\n", "# t\n\n|---|---|\n| 1 | 2 |", "\t\n|", "|||\n\r\n"} {
		f.Add(s)
	}
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || strings.ContainsRune("|#-:", r) {
				return -1
			}
			return r
		}, s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !text.Looks([]byte(s)) {
			return
		}
		d, err := text.Read(context.Background(), []byte(s), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, b := range d.Blocks {
			got.WriteString(b.Text)
			if b.Grid == nil {
				continue
			}
			for _, c := range b.Grid.Cells {
				got.WriteString(c.Text)
				if c.Row < 1 || c.Row > b.Grid.Rows || c.Column < 1 || c.Column > b.Grid.Columns {
					t.Errorf("cell %d,%d outside a grid of %d×%d", c.Row, c.Column, b.Grid.Rows, b.Grid.Columns)
				}
			}
		}
		if want := letters(s); letters(got.String()) != want {
			t.Errorf("the document holds %q, the text %q", letters(got.String()), want)
		}
	})
}
