package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a certificate in files, read again when they change: a renewed one counts without a restart.
type certificate struct {
	file, key string
	log       *slog.Logger

	mu      sync.Mutex
	held    *tls.Certificate
	changed [2]time.Time // of the files, as held was read
	looked  time.Time
}

// looking is how often the files are looked at, at most.
const looking = time.Second

func newCertificate(file, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{file: file, key: key, log: log}
	if err := c.read(c.times()); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now(time.Now()), nil }}
}

// now is the certificate, as the files have it. Where they cannot be read, the one before goes on.
func (c *certificate) now(at time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if since := at.Sub(c.looked); since >= 0 && since < looking {
		return c.held
	}
	c.looked = at
	if times := c.times(); times != c.changed {
		if err := c.read(times); err != nil {
			c.log.Error("read the certificate again; the one before goes on", "error", err)
		} else {
			c.log.Info("the certificate was read again", "file", c.file)
		}
	}
	return c.held
}

func (c *certificate) times() (times [2]time.Time) {
	for i, name := range []string{c.file, c.key} {
		if f, err := os.Stat(name); err == nil {
			times[i] = f.ModTime()
		}
	}
	return times
}

func (c *certificate) read(times [2]time.Time) error {
	held, err := tls.LoadX509KeyPair(c.file, c.key)
	if err != nil {
		return fmt.Errorf("read the certificate %s and its key: %w", c.file, err)
	}
	c.held, c.changed = &held, times
	return nil
}
