package page

import "nianbao/dashboard/words"

// lang is the language of a page: how its texts and figures are put.
type lang words.Language

const (
	zh = lang(words.Chinese)
	en = lang(words.English)
)

// say is the text with this key, its arguments filled in.
func (in lang) say(key string, args ...any) string { return words.Language(in).Say(key, args...) }

// Lang is the language as the attribute of an element names it.
func (in lang) Lang() string { return string(in) }
