package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"nianbao/dashboard/gate"
	"nianbao/internal/access"
	"nianbao/internal/settings"
)

// entrance is how people come in: which proxies are trusted, how long a session lasts, where else they sign in, and TLS.
type entrance struct {
	proxies       []string
	idle, longest time.Duration
	certificate   string
	key           string
	oidc          gate.ProviderOptions
	groups        []string
}

// entranceSettings are the lines of the table of settings about it.
var entranceSettings = settings.Table{
	{Name: "tls-certificate", Default: "", Commands: serving, Meaning: "PEM file with the certificate and those above it; read again when it changes. With it the service speaks TLS"},
	{Name: "tls-key", Default: "", Commands: serving, Meaning: "PEM file with the key of the certificate"},
	{Name: "trusted-proxies", Default: []string{}, Commands: serving, Meaning: "addresses or networks of proxies that say for whom they ask, in X-Forwarded-For and X-Forwarded-Proto", Check: networks},
	{Name: "session-idle", Default: gate.DefaultIdle, Commands: serving, Meaning: "how long a session lasts without a request", Check: positive},
	{Name: "session-longest", Default: gate.DefaultLongest, Commands: serving, Meaning: "how long a session lasts at most", Check: positive},
	{Name: "oidc-issuer", Default: "", Commands: serving, Meaning: "issuer of OpenID Connect where people can sign in; empty for none"},
	{Name: "oidc-client", Default: "", Commands: serving, Meaning: "name of this service at the issuer"},
	{Name: "oidc-secret", Default: "", Secret: true, Commands: serving, Meaning: "secret of this service at the issuer"},
	{Name: "oidc-url", Default: "", Commands: serving, Meaning: "address of this service as people type it, https://nianbao.example.gov.cn; the issuer leads back to /sign-in/return below it"},
	{Name: "oidc-groups", Default: []string{}, Commands: serving, Meaning: "which role a group at the issuer has, as group=role; who is in none is not let in", Check: groupRoles},
	{Name: "oidc-claim", Default: "groups", Commands: serving, Meaning: "claim with the groups"},
}

func (e *entrance) flags(f *pflag.FlagSet) {
	table.Bind(f, "tls-certificate", &e.certificate)
	table.Bind(f, "tls-key", &e.key)
	table.Bind(f, "trusted-proxies", &e.proxies)
	table.Bind(f, "session-idle", &e.idle)
	table.Bind(f, "session-longest", &e.longest)
	table.Bind(f, "oidc-issuer", &e.oidc.Issuer)
	table.Bind(f, "oidc-client", &e.oidc.Client)
	table.Bind(f, "oidc-secret", &e.oidc.Secret)
	table.Bind(f, "oidc-url", &e.oidc.URL)
	table.Bind(f, "oidc-groups", &e.groups)
	table.Bind(f, "oidc-claim", &e.oidc.Claim)
}

// options are those of the gate.
func (e *entrance) options(ctx context.Context, log *slog.Logger) (gate.Options, error) {
	o := gate.Options{Log: log, Idle: e.idle, Longest: e.longest}
	if (e.certificate == "") != (e.key == "") {
		return o, usageError{errors.New("serve: want both --tls-certificate and --tls-key, or none")}
	}
	for _, text := range e.proxies {
		p, err := network(text)
		if err != nil {
			return o, usageError{fmt.Errorf("serve: --trusted-proxies: %w", err)}
		}
		o.Proxies = append(o.Proxies, p)
	}
	if e.oidc.Issuer == "" {
		return o, nil
	}
	if e.oidc.Client == "" || e.oidc.URL == "" {
		return o, usageError{errors.New("serve: --oidc-issuer wants --oidc-client and --oidc-url too")}
	}
	e.oidc.Groups = map[string]access.Role{}
	for _, text := range e.groups {
		group, role, err := groupRole(text)
		if err != nil {
			return o, usageError{fmt.Errorf("serve: --oidc-groups: %w", err)}
		}
		e.oidc.Groups[group] = role
	}
	p, err := gate.NewProvider(ctx, e.oidc)
	if err != nil {
		return o, fmt.Errorf("serve: %w", err)
	}
	o.Provider = p
	return o, nil
}

// network is a network, or an address as one.
func network(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().Prefix(a.Unmap().BitLen())
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%q, want an address such as 10.0.0.1 or a network such as 10.0.0.0/8", text)
	}
	return p.Masked(), nil
}

func networks(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		if _, err := network(one); one != "" && err != nil {
			return err
		}
	}
	return nil
}

func groupRole(text string) (group string, role access.Role, err error) {
	i := strings.LastIndex(text, "=")
	if i <= 0 {
		return "", "", fmt.Errorf("%q, want group=role", text)
	}
	role, err = access.ParseRole(text[i+1:])
	return text[:i], role, err
}

func groupRoles(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		if _, _, err := groupRole(one); one != "" && err != nil {
			return err
		}
	}
	return nil
}
