package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"nianbao/dashboard/page"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// pageKinds are the pages that are measured, each as it stands in an address; {year}, {agency}, {older} and {newer} are of
// the year that is asked for.
var pageKinds = []string{
	"/?year={year}", "/compare?year={year}", "/compare?year={year}&m=open_rate", "/compare?year={year}&m=open_rate&span=3", "/compare?year={year}&m=growth", "/compare?year={year}&m=open_rate&peer=type:township",
	"/outcomes?year={year}", "/reasons?year={year}", "/reasons?year={year}&group=all", "/disputes?year={year}", "/funnel?year={year}", "/trends?year={year}", "/trends?year={year}&m=open_rate",
	"/changes/years?year={year}&m=open_rate", "/matrix?year={year}", "/scatter?year={year}&m=open_rate&y=refuse_rate", "/register?year={year}", "/register", "/findings?year={year}", "/findings", "/findings?year={year}&severity=critical",
	"/changes", "/diff?from={older}&to={newer}", "/agency/{agency}?year={year}", "/report/{agency}/{year}", "/report/{agency}/{year}/cell/section3.NEW.total", "/measures",
}

// rounds is how often each page of each year is asked for after the first time.
const rounds = 4

// pages measures how long the server takes for each page of a store of 3,000 agencies and ten years, and how much it sends:
// first when nobody has asked for it since the last commit, then again.
func (b *bench) pages() error {
	folder := b.store
	if folder == "" {
		folder = b.dir("pages")
	}
	store, err := warehouse.Open(b.ctx, warehouse.Options{Data: folder, Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	if b.store == "" {
		if _, err := fill(b.ctx, store, 0, b.agencies); err != nil {
			return err
		}
	}
	if err := enrol(b.ctx, store); err != nil {
		return err
	}
	handler, err := page.New(page.Options{Store: store, Version: "bench"})
	if err != nil {
		return err
	}
	var filings [][]warehouse.Filing
	for year := firstYear; year <= lastYear; year++ {
		list, err := store.Filings(b.ctx, time.Time{}, warehouse.Filter{Years: []int{year}})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("the store in %s has no report of %d; -fill makes one", folder, year)
		}
		filings = append(filings, list)
	}
	var slow []string
	for _, kind := range pageKinds {
		if !strings.Contains(kind, b.page) {
			continue
		}
		var first, again []time.Duration
		size := 0
		for round := range 1 + rounds {
			for i, list := range filings {
				f := list[(7*i+round)%len(list)]
				address := strings.NewReplacer("{year}", strconv.Itoa(f.Year), "{agency}", f.Agency, "{newer}", f.ID, "{older}", filings[max(0, i-1)][0].ID).Replace(kind)
				w := httptest.NewRecorder()
				r := httptest.NewRequest(http.MethodGet, address, nil)
				r.Header.Set("Accept-Encoding", "gzip")
				start := time.Now()
				handler.ServeHTTP(w, r)
				took := time.Since(start)
				if w.Code != http.StatusOK {
					return fmt.Errorf("GET %s: status %d: %.500s", address, w.Code, w.Body)
				}
				if round == 0 {
					first = append(first, took)
				} else {
					again = append(again, took)
				}
				size = max(size, w.Body.Len())
			}
		}
		slices.Sort(first)
		slices.Sort(again)
		at := func(list []time.Duration, share float64) string {
			return fmt.Sprintf("%.0f", list[min(len(list)-1, int(share*float64(len(list))))].Seconds()*1e3)
		}
		b.add("page "+kind, fmt.Sprintf("%s ms, p95 %s ms; %.0f KB", at(again, .5), at(again, .95), float64(size)/1e3), "p95 < 50 ms, < 500 KB",
			fmt.Sprintf("median of %d; the first time after a commit %s ms, at most %s", len(again), at(first, .5), at(first, 1)))
		if again[int(.95*float64(len(again)))] > 50*time.Millisecond {
			slow = append(slow, kind)
		}
	}
	if len(slow) > 0 {
		fmt.Fprintln(os.Stderr, "over 50 ms:", strings.Join(slow, " "))
	}
	return nil
}

// enrol gives a store without a register one that has all its agencies.
func enrol(ctx context.Context, store *warehouse.Store) error {
	reg, err := store.Register(ctx, time.Time{})
	if err != nil || len(reg.Agencies()) > 0 {
		return err
	}
	agencies, err := store.Agencies(ctx, time.Time{})
	if err != nil {
		return err
	}
	if len(agencies) == 0 {
		return errors.New("the store holds no agency")
	}
	var entries []register.Agency
	for i, a := range agencies {
		code := fmt.Sprintf("b%05d", i)
		entries = append(entries, register.Agency{Code: code, Kind: register.KindOfName(a.Name), Region: a.Region, Names: []register.Name{{Text: a.Name, Kind: register.Full}}}, register.Guess(a.ID, a.Name).As(code))
	}
	slices.SortFunc(entries, func(a, b register.Agency) int { return strings.Compare(a.Code, b.Code) })
	_, err = store.CommitRegister(ctx, ulid.Make().String(), moulder, filepath.Base("register"), entries, nil)
	return err
}
