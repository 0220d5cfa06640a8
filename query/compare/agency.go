package compare

import (
	"nianbao/internal/form"
	"nianbao/internal/register"
)

// Kind is the kind of an agency.
type Kind = register.Kind

// Kinds are the kinds in the order in which pages list them.
var Kinds = register.Kinds

// KindOf guesses the kind from the name.
func KindOf(name string) Kind { return register.KindOfName(name) }

// ScopeOf says in which list a report of a body stands of which only the name is known.
func ScopeOf(name string, read form.Scope) form.Scope { return register.Guess("", name).ScopeOf(read) }
