package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nianbao/internal/observe"
)

// A program that is told to end takes no more requests, and finishes the one it is answering.
func TestEndFinishesRequests(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, finish := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first ")
		_ = http.NewResponseController(w).Flush()
		close(begun)
		<-finish
		_, _ = io.WriteString(w, "last")
	})
	m := observe.New("")
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	log := slog.New(slog.DiscardHandler)
	go func() { ended <- serve(ctx, listener, m.Requests(slow, log), log, time.Minute) }()

	type result struct {
		text string
		err  error
	}
	answered := make(chan result, 1)
	address := "http://" + listener.Addr().String()
	go func() {
		response, err := http.Get(address)
		if err != nil {
			answered <- result{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answered <- result{string(body), err}
	}()
	<-begun
	end()
	for { // it stops listening at once
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended (%v) while a request was being answered", err)
	default:
	}
	close(finish)
	if got := <-answered; got.err != nil || got.text != "first last" {
		t.Errorf("the running request got %q, error %v, want the whole answer", got.text, got.err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with: %v", err)
	}
}

// A request that takes too long does not keep the program alive, and the error says so.
func TestEndCutsWhatTakesTooLong(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	hangs := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serve(ctx, listener, hangs, slog.New(slog.DiscardHandler), time.Millisecond)
	}()
	go func() {
		if response, err := http.Get("http://" + listener.Addr().String()); err == nil {
			response.Body.Close()
		}
	}()
	<-begun
	end()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "requests took more than 1ms and were cut off") {
		t.Errorf("it ended with %v, want that requests were cut off", err)
	}
}

func TestCountersAreForThisMachine(t *testing.T) {
	h := withMetrics(observe.New("x"), http.NotFoundHandler())
	tests := []struct {
		remote, forwarded string
		want              int
	}{
		{"127.0.0.1:1000", "", http.StatusOK},
		{"[::1]:1000", "", http.StatusOK},
		{"192.0.2.1:1000", "", http.StatusForbidden},
		{"127.0.0.1:1000", "192.0.2.1", http.StatusForbidden},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = test.remote
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("from %s for %q: status %d, want %d", test.remote, test.forwarded, w.Code, test.want)
		}
	}
}
