package compare

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"nianbao/internal/form"
)

// large makes up the answers to the two queries for so many agencies with reports of two years.
func large(agencies, sources int) (roster, sums string) {
	var r, s []byte
	text := func(s string) { r = append(binary.AppendUvarint(r, uint64(len(s))), s...) }
	for i := range agencies {
		text(fmt.Sprintf("x%012x", i*7919))
		name := fmt.Sprintf("某区第%d号局", i)
		text(name)
		text("own")
		r = append(r, 2)
		for year := 2022; year <= 2023; year++ {
			id := fmt.Sprintf("%026d", i*10000+year)
			r = binary.LittleEndian.AppendUint16(r, uint16(year))
			r = append(r, id...)
			text(fmt.Sprintf("x%012x", i*7919)) // heldAs
			text(name)
			text("own")
			r = append(r, 0)
			for range 3 {
				text(string(form.V2021))
			}
			s = append(s, id...)
			for k := range sources {
				s = binary.LittleEndian.AppendUint64(s, uint64((i*31+k*17+year)%97))
				s = binary.LittleEndian.AppendUint64(s, uint64(1))
				s = append(s, number)
				s = append(s, 1, 'a')
			}
		}
	}
	return string(r), string(s)
}

func TestDecode(t *testing.T) {
	roster, answer := large(3, 2)
	agencies, filings, err := decodeRoster(roster)
	if err != nil || len(agencies) != 3 || filings != 6 || agencies[2].name != "某区第2号局" || agencies[2].filings[1].form(form.Section3) != form.V2021 {
		t.Fatalf("decodeRoster = %+v, %d, %v", agencies, filings, err)
	}
	places := map[string]int{agencies[1].filings[0].id: 0, agencies[2].filings[1].id: 1} // the others are not visible
	list, err := decodeSums(answer, 2, 2, places)
	want := []sum{{total: (31 + 2022) % 97, cells: 1, states: number, raw: "a"}, {total: (31 + 17 + 2022) % 97, cells: 1, states: number, raw: "a"}, {total: (62 + 2023) % 97, cells: 1, states: number, raw: "a"}, {total: (62 + 17 + 2023) % 97, cells: 1, states: number, raw: "a"}}
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("decodeSums = %+v, %v; want %+v", list, err, want)
	}
	// Wherever an answer breaks off it is an error, but between two rows, where nothing tells.
	rows := func(agencies int) int { r, _ := large(agencies, 2); return len(r) }
	for n := range roster {
		_, _, err := decodeRoster(roster[:n])
		if between := n == 0 || n == rows(1) || n == rows(2); (err == nil) != between {
			t.Errorf("the first %d of %d bytes of a roster: error %v", n, len(roster), err)
		}
	}
	for n := range answer {
		_, err := decodeSums(answer[:n], 2, 2, places)
		if between := n%(len(answer)/6) == 0; (err == nil) != between {
			t.Errorf("the first %d of %d bytes of sums: error %v", n, len(answer), err)
		}
	}
}

// BenchmarkAnswer is everything but the query itself: 3,000 agencies, two years, to the last byte of JSON.
func BenchmarkAnswer(b *testing.B) {
	for _, code := range []string{"received", "refuse_rate"} {
		m := measures(code)
		p := newPlan(m)
		roster, answer := large(3000, len(p.sources))
		agencies, filings, err := decodeRoster(roster)
		if err != nil {
			b.Fatal(err)
		}
		of := &Roster{year: 2023, agencies: agencies}
		of.place(filings)
		b.Run(code, func(b *testing.B) {
			for b.Loop() {
				list, err := decodeSums(answer, len(p.sources), of.from(2022), of.places)
				if err != nil {
					b.Fatal(err)
				}
				r := assemble(Request{Year: 2023}, m[0], p.measures[0], agencies, sums{list, len(p.sources)})
				b.SetBytes(int64(len(r.AppendJSON(make([]byte, 0, 240*len(r.Rows))))))
			}
		})
	}
}
