package page

import (
	"context"
	"fmt"

	"nianbao/dashboard/wall"
	"nianbao/internal/board"
	"nianbao/internal/warehouse"
)

// CheckBoard lists what is wrong with a board: by itself, and of each slide, drawn on the data that are held, what cannot be
// read from where people stand.
func CheckBoard(ctx context.Context, store *warehouse.Store, version string, b board.Board) ([]board.Problem, error) {
	s, err := newSite(Options{Store: store, Version: version})
	if err != nil {
		return nil, err
	}
	return s.checkBoard(ctx, b)
}

func (s *site) checkBoard(ctx context.Context, b board.Board) ([]board.Problem, error) {
	if problems := b.Check(); len(problems) > 0 {
		return problems, nil
	}
	var problems []board.Problem
	for i, x := range b.Slides {
		said, err := s.checkSlide(ctx, b, x)
		if err != nil {
			return nil, fmt.Errorf("check slide %d of board %q: %w", i+1, b.Name, err)
		}
		for _, p := range said {
			p.Slide = i + 1
			problems = append(problems, p)
		}
	}
	return problems, nil
}

// checkSlide looks at one slide as it would be shown now.
func (s *site) checkSlide(ctx context.Context, b board.Board, x board.Slide) (problems []board.Problem, err error) {
	in := lang(b.Language)
	if x.View != "" {
		if _, _, wrong := viewOf(x.View); wrong != nil {
			return []board.Problem{{Field: "view", Text: wrong.Error()}}, nil
		}
	}
	slide, err := s.slideOf(ctx, b, x, "http://localhost")
	if err != nil {
		return nil, err
	}
	_, misfits, err := wall.Draw(slide, b.Screen, paletteOf(b.Theme), in.misfits)
	if err != nil {
		return nil, err
	}
	if len(misfits) > 0 {
		problems = append(problems, board.Problem{Field: "view", Text: in.misfits(misfits)})
	}
	if need := board.ReadingTime(slide.Title); x.Seconds < need {
		problems = append(problems, board.Problem{Field: "seconds", Text: in.say("wall.room.seconds", x.Seconds, need)})
	}
	return problems, nil
}
