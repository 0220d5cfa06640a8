package access

// Decisions says which act each kind of decision is, by the name that forms and functions have for it.
var Decisions = map[string]Act{
	"correct": Correct, "repeat": Correct, "retract": Correct, "set": Correct,
	"approve": Approve, "withdraw": Approve, "restore": Approve,
	"review": Review,
	"assign": Load, "dismiss": Load,
	"link": Register, "unlink": Register,
	"board": Boards, "display": Boards,
}

// MayDecide reports whether the principal may take a kind of decision; nobody may take one that is not in [Decisions].
func (p Principal) MayDecide(name string) bool {
	act, known := Decisions[name]
	return known && p.May(act)
}

// MayDecideAny reports whether there is a kind of decision that the principal may take.
func (p Principal) MayDecideAny() bool {
	for name := range Decisions {
		if p.MayDecide(name) {
			return true
		}
	}
	return false
}
