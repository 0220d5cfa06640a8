package decide_test

import (
	"strings"
	"testing"
	"time"

	"nianbao/ingest/decide"
	"nianbao/internal/board"
)

// TestBoardsAndDisplays: a board is saved and put back, a display is added and revoked, of its token only the hash is kept,
// and the chain covers it all.
func TestBoardsAndDisplays(t *testing.T) {
	s, _, _ := district(t)
	ctx := t.Context()
	d := decide.Decider{Store: s, Person: "张某"}
	b := board.Usual("大厅")
	b.Slides = []board.Slide{{View: "/", Seconds: 20}}

	refused(t, d.SaveBoard(ctx, b, ""), "no reason")
	refused(t, d.SaveBoard(ctx, board.Usual("大厅"), "启用"), "slides: there are 0")
	_, err := d.AddDisplay(ctx, "东墙", "大厅", "启用")
	refused(t, err, "no board of this name")
	refused(t, d.WithdrawBoard(ctx, "大厅", "停用"), "no board of this name")

	must(t, d.SaveBoard(ctx, b, "启用"))
	refused(t, d.SaveBoard(ctx, b, "启用"), "like this already")
	_, first, err := s.DataVersion(ctx)
	must(t, err)
	changed := b
	changed.Theme = "light"
	must(t, d.SaveBoard(ctx, changed, "白天太暗"))
	must(t, d.RestoreBoard(ctx, "大厅", first, "看不清"))
	refused(t, d.RestoreBoard(ctx, "大厅", first.Add(-time.Hour), "看不清"), "was not saved by then")
	boards, err := s.Boards(ctx)
	must(t, err)
	if len(boards) != 1 || boards[0].Statement != string(b.YAML()) || boards[0].Person != "张某" {
		t.Errorf("boards %+v", boards)
	}

	token, err := d.AddDisplay(ctx, "东墙", "大厅", "启用")
	must(t, err)
	_, err = d.AddDisplay(ctx, "东墙", "大厅", "启用")
	refused(t, err, "is in use")
	refused(t, d.WithdrawBoard(ctx, "大厅", "停用"), `display "东墙" shows it`)
	displays, err := s.Displays(ctx)
	must(t, err)
	if len(token) != 26 || len(displays) != 1 || displays[0].Token != board.HashToken(token) || displays[0].Tail != token[22:] || !displays[0].Revoked.IsZero() {
		t.Errorf("token %q, displays %+v", token, displays)
	}
	rows, err := s.Conn().Query(ctx, "SELECT display, name, board, token, tail, reason FROM displays")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var x [6]string
		must(t, rows.Scan(&x[0], &x[1], &x[2], &x[3], &x[4], &x[5]))
		if strings.Contains(strings.Join(x[:], " "), token) {
			t.Error("the token is stored")
		}
	}
	must(t, rows.Err())
	must(t, d.RevokeDisplay(ctx, "东墙", "搬走"))
	refused(t, d.RevokeDisplay(ctx, "东墙", "搬走"), "no display of this name")
	must(t, d.WithdrawBoard(ctx, "大厅", "停用"))
	if displays, err = s.Displays(ctx); err != nil || displays[0].Revoked.IsZero() || displays[0].RevokedBy != "张某" {
		t.Errorf("displays %+v, error %v", displays, err)
	}
	if boards, err = s.Boards(ctx); err != nil || len(boards) != 0 {
		t.Errorf("boards %+v, error %v", boards, err)
	}
}
