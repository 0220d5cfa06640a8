package kept

import (
	"fmt"
	"strings"
	"testing"
)

func TestAnswers(t *testing.T) {
	a := New[string](100)
	for i := range 7 {
		a.Put(fmt.Sprint(i), "x", 20)
		a.Get("0") // used all the time
	}
	var got []string
	for i := range 7 {
		if _, ok := a.Get(fmt.Sprint(i)); ok {
			got = append(got, fmt.Sprint(i))
		}
	}
	if want := "0 3 4 5 6"; strings.Join(got, " ") != want || a.bytes != 100 {
		t.Errorf("kept %s in %d bytes, want %s in 100", got, a.bytes, want)
	}
	if a.Put("large", "x", 26); len(a.at) != 5 {
		t.Error("an answer of more than a quarter of the room is kept")
	}
}
