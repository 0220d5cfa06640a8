package compare

import (
	"bytes"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// SortByName sorts a list by name in the order of Chinese dictionaries (pinyin), equal names as they stand.
func SortByName[T any](list []T, name func(*T) string) {
	collator := collate.New(language.Chinese)
	var buffer collate.Buffer
	type keyed struct {
		item T
		key  []byte
	}
	order := make([]keyed, len(list))
	for i := range list {
		order[i] = keyed{list[i], collator.KeyFromString(&buffer, name(&list[i]))}
	}
	slices.SortStableFunc(order, func(a, b keyed) int { return bytes.Compare(a.key, b.key) })
	for i := range order {
		list[i] = order[i].item
	}
}
