package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Years whose reports were added, and not checked against each other yet, stand in a file of the data folder from before they are
// added until they are checked. A run that was killed in between leaves them there, and the next one checks them. A server has no
// data folder: there nianbao check does it.

const uncheckedName = "unchecked.json"

// Unchecked lists the years that a run which did not come to its end left unchecked.
func Unchecked(data string) ([]int, error) {
	if data == "" {
		return nil, nil
	}
	content, err := os.ReadFile(filepath.Join(data, uncheckedName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read which years are unchecked: %w", err)
	}
	var years []int
	if err := json.Unmarshal(content, &years); err != nil {
		return nil, fmt.Errorf("read which years are unchecked: %s: %w; remove it and run nianbao check", uncheckedName, err)
	}
	return years, nil
}

// keepUnchecked writes them down; none takes the file away.
func keepUnchecked(data string, years map[int]bool) error {
	name := filepath.Join(data, uncheckedName)
	if len(years) == 0 {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget which years are unchecked: %w", err)
		}
		return nil
	}
	content, err := json.Marshal(slices.Sorted(maps.Keys(years)))
	if err != nil {
		return err
	}
	next := name + ".new"
	if err := os.WriteFile(next, append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("note which years are unchecked: %w", err)
	}
	if err := os.Rename(next, name); err != nil {
		return fmt.Errorf("note which years are unchecked: %w", err)
	}
	return nil
}
