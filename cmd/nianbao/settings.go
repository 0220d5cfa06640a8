package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nianbao/internal/settings"
	"nianbao/query/api"
)

// table declares everything that an installation can set. Flags, environment variables, keys of the file and
// docs/configuration.md derive from it. What is said once for one run (which files, which years) is an option of its command and
// stands there.
var table = append(settings.Table{
	{Name: "data", Default: "nianbao-data", Meaning: "folder of the embedded store"},
	{Name: "clickhouse", Default: "", Secret: true, Meaning: "address of a ClickHouse server, http://user:password@host:8123/database, instead of the embedded store"},
	{Name: "library", Env: "NIANBAO_CHDB_LIB", Default: "", Meaning: "libchdb.so, where it is in none of the usual places"},
	{Name: "tesseract", Default: "", Exported: true, Meaning: "program of tesseract, where it is not in PATH; it reads scans"},
	{Name: "soffice", Default: "", Exported: true, Meaning: "program of LibreOffice, where it is not in PATH; it reads DOC, WPS, RTF, XLS and OpenDocument"},
	{Name: "log-format", Default: "text", Commands: longRunning, Meaning: "how the log is written to standard error: text, or json with an object a line", Check: oneOf("text", "json")},
	{Name: "log-level", Default: "info", Commands: longRunning, Meaning: "what is written to the log: debug, info, warn or error, each with what is graver", Check: oneOf("debug", "info", "warn", "error")},
	{Name: "log-requests", Default: false, Commands: "serve", Meaning: "write every request to the log, with its id, status, bytes and time"},
	{Name: "metrics-listen", Default: "", Commands: longRunning, Meaning: "address at which /metrics and /healthz are served to everybody who reaches it; without it /metrics is served beside the pages, to this machine alone", Check: tcpAddress},
	{Name: "shutdown-time", Default: 20 * time.Second, Commands: "serve", Meaning: "how long requests may take to be finished when the program ends", Check: positive},
	{Name: "upload-size", Default: 64, Unit: "MiB", Commands: "serve", Meaning: "largest file that is taken on the page for uploads", Check: positive},
	{Name: "watch-every", Default: 5 * time.Second, Commands: "ingest --watch", Meaning: "how long between two looks into the folder that is watched", Check: positive},
	{Name: "listen", Default: "127.0.0.1:8080", Commands: "serve", Meaning: "address to listen on", Check: tcpAddress},
	{Name: "insecure-open", Default: false, Commands: "serve", Meaning: "listen on an address that others can reach, without accounts"},
	{Name: "query-time", Default: api.DefaultQueryTime, Commands: "serve", Meaning: "longest time for an answer of the API; a table may take ten times that", Check: positive},
	{Name: "query-memory", Default: api.DefaultQueryMemory >> 20, Unit: "MiB", Commands: "serve", Meaning: "most memory for one query of the API", Check: positive},
	{Name: "rate", Default: float64(api.DefaultRate), Commands: "serve", Meaning: "requests a second of one client address of the API; negative for no limit", Check: notZero},
	{Name: "burst", Default: api.DefaultBurst, Commands: "serve", Meaning: "requests at once of one client address of the API", Check: positive},
}, entranceSettings...)

const (
	serving     = "serve"
	longRunning = "serve, ingest --watch"
)

// otherVariables are variables of the environment with the prefix of the settings that are none: the settings' own file, and what
// the processes of the program tell each other.
var otherVariables = []string{"NIANBAO_CONFIG", "NIANBAO_ENGINE_CHILD", "NIANBAO_ENGINE_CONFINED", "NIANBAO_PDF_READER", "NIANBAO_CORPUS", "NIANBAO_PASSWORD_FILE"}

// A configuration is where settings come from, and what they are once a command begins.
type configuration struct {
	file   string // of settings
	values []settings.Value
}

func (cfg *configuration) flags(root *cobra.Command) {
	root.PersistentFlags().StringVar(&cfg.file, "config", "", "YAML file of settings (NIANBAO_CONFIG)")
}

// resolve finds the values of all settings and puts them into the variables of the command.
func (cfg *configuration) resolve(c *cobra.Command) error {
	values, problems := cfg.read(c.Flags())
	if len(problems) > 0 {
		return usageError{fmt.Errorf("settings: %w; see nianbao config check", problems[0])}
	}
	cfg.values = values
	return settings.Apply(c.Flags(), values)
}

func (cfg *configuration) read(flags *pflag.FlagSet) ([]settings.Value, []error) {
	name := cfg.file
	if name == "" {
		name = os.Getenv("NIANBAO_CONFIG")
	}
	from := settings.Sources{Env: os.Environ()}
	var problems []error
	if name != "" {
		from.File, problems = table.ReadFile(name)
	}
	values, more := table.Resolve(flags, from)
	return values, append(problems, more...)
}

// value is what a setting is set to, once a command has begun.
func (cfg *configuration) value(name string) settings.Value {
	i := slices.IndexFunc(cfg.values, func(v settings.Value) bool { return v.Name == name })
	if i < 0 {
		return settings.Value{Setting: table.Find(name)}
	}
	return cfg.values[i]
}

// A journal says how a command that runs for long writes its log.
type journal struct{ format, level string }

func (j *journal) flags(f *pflag.FlagSet) {
	table.Bind(f, "log-format", &j.format)
	table.Bind(f, "log-level", &j.level)
}

func (j *journal) open(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(j.level)) // the table lets no other through
	o := &slog.HandlerOptions{Level: level}
	if j.format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func configCommand(cfg *configuration) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "check and show the settings",
		Long: `Settings stand on the command line, in variables of the environment, or in a YAML file that --config or NIANBAO_CONFIG
names; the first of them that names a setting counts. Each secret can stand in a file of its own instead: --NAME-file, the
variable with _FILE at its end, the key NAME-file. docs/configuration.md lists all settings.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("config: unknown command %q; see nianbao config --help", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var dump bool
	check := &cobra.Command{
		Use:   "check",
		Short: "say what is wrong with the settings; exit code 1 if anything is",
		Example: `  nianbao config check --config /etc/nianbao/nianbao.yaml
  nianbao config check --dump`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("config check: unknown argument %q; name the file with --config", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			values, problems := cfg.read(c.Flags())
			if dump {
				fmt.Fprint(c.OutOrStdout(), settings.Dump(values))
			}
			for _, s := range table.Strangers(os.Environ(), otherVariables...) {
				fmt.Fprintf(c.ErrOrStderr(), "nianbao: %s\n", s) // something else may have set it
			}
			for _, p := range problems {
				fmt.Fprintf(c.ErrOrStderr(), "nianbao: %v\n", p)
			}
			if len(problems) > 0 {
				return exit(failed)
			}
			if !dump {
				fmt.Fprintln(c.OutOrStdout(), "the settings are right")
			}
			return nil
		},
	}
	check.Flags().BoolVar(&dump, "dump", false, "print every setting, its value and where it comes from, as a YAML file; secrets are masked")
	// The command itself is to report what is wrong, all of it.
	check.PersistentPreRunE = func(*cobra.Command, []string) error { return nil }
	c.AddCommand(check)
	return c
}

// What a text may be.

func oneOf(words ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("%q, want %s", text, strings.Join(words, " or "))
		}
		return nil
	}
}

func tcpAddress(text string) error {
	if _, err := net.ResolveTCPAddr("tcp", text); err != nil {
		return fmt.Errorf("%s: %w; want an address such as 127.0.0.1:8080", text, err)
	}
	return nil
}

func positive(text string) error {
	if strings.HasPrefix(text, "-") || strings.Trim(text, "0smhnuµ.+") == "" {
		return fmt.Errorf("%s, want more than 0", text)
	}
	return nil
}

func notZero(text string) error {
	if x, err := strconv.ParseFloat(text, 64); err == nil && x == 0 {
		return errors.New("0, want more than 0, or a negative number for no limit")
	}
	return nil
}
