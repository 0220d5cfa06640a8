package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var sample = Table{
	{Name: "listen", Default: "127.0.0.1:8080", Meaning: "address to listen on"},
	{Name: "query-time", Default: 30 * time.Second, Meaning: "longest time", Commands: "serve"},
	{Name: "burst", Default: 100, Unit: "requests", Meaning: "at once", Check: func(text string) error {
		if strings.HasPrefix(text, "-") {
			return errors.New("want more than 0")
		}
		return nil
	}},
	{Name: "open", Default: false, Meaning: "for all"},
	{Name: "proxies", Default: []string(nil), Meaning: "addresses of proxies"},
	{Name: "key", Default: "", Secret: true, Meaning: "password"},
	{Name: "tool", Default: "", Exported: true, Meaning: "a program"},
}

// bound has a variable for each setting of sample.
type bound struct {
	listen    string
	queryTime time.Duration
	burst     int
	open      bool
	proxies   []string
	key       string
}

func (b *bound) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	sample.Bind(f, "listen", &b.listen)
	sample.Bind(f, "query-time", &b.queryTime)
	sample.Bind(f, "burst", &b.burst)
	sample.Bind(f, "open", &b.open)
	sample.Bind(f, "proxies", &b.proxies)
	sample.Bind(f, "key", &b.key)
	return f
}

func TestNearestSourceCounts(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(secret, []byte("from a file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		env  []string
		file string
		want bound
	}{
		{name: "nothing", want: bound{listen: "127.0.0.1:8080", queryTime: 30 * time.Second, burst: 100}},
		{name: "file", file: "listen: :1\nquery-time: 5m # more\nburst: 7\nopen: true\nproxies: [10.0.0.1, 10.0.0.0/8]\nkey: 'a b'\n",
			want: bound{":1", 5 * time.Minute, 7, true, []string{"10.0.0.1", "10.0.0.0/8"}, "a b"}},
		{name: "environment over file", file: "listen: :1\nkey: a\nproxies: [x]\n", env: []string{"NIANBAO_LISTEN=:2", "NIANBAO_KEY_FILE=" + secret, "NIANBAO_PROXIES=y,z", "NIANBAO_BURST="},
			want: bound{listen: ":2", queryTime: 30 * time.Second, burst: 100, proxies: []string{"y", "z"}, key: "from a file"}},
		{name: "command line over all", args: []string{"--listen=:3", "--query-time=1s", "--key-file=" + secret}, file: "listen: :1\n", env: []string{"NIANBAO_LISTEN=:2", "NIANBAO_KEY=b"},
			want: bound{listen: ":3", queryTime: time.Second, burst: 100, key: "from a file"}},
		{name: "secret file named in the file", file: "key-file: " + secret, want: bound{listen: "127.0.0.1:8080", queryTime: 30 * time.Second, burst: 100, key: "from a file"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got bound
			flags := got.flags()
			if err := flags.Parse(test.args); err != nil {
				t.Fatal(err)
			}
			from := Sources{Env: test.env}
			if test.file != "" {
				f, problems := sample.parse("f.yaml", []byte(test.file))
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				from.File = f
			}
			values, problems := sample.Resolve(flags, from)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if err := Apply(flags, values); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(bound{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWhatIsWrong(t *testing.T) {
	tests := []struct {
		file string
		env  []string
		want string
	}{
		{file: "lisen: :1\n", want: "f.yaml:1: lisen is no setting; did you mean listen?"},
		{file: "burst: 1\nquery_time: 1s\n", want: "f.yaml:2: query_time is no setting; did you mean query-time?"},
		{file: "completely-other: 1\n", want: "f.yaml:1: completely-other is no setting"},
		{file: "burst: many\n", want: `f.yaml:1: burst: "many", want a whole number`},
		{file: "burst: -1\n", want: "f.yaml:1: burst: want more than 0"},
		{file: "burst:\n", want: "f.yaml:1: burst: has no value; take the line out for the default"},
		{file: "burst: [1]\n", want: "f.yaml:1: burst: want one value"},
		{file: "burst: 1\nburst: 2\n", want: "f.yaml:2: burst stands twice"},
		{file: "- burst\n", want: "f.yaml:1: want one line for each setting, name: value"},
		{file: "burst: 1\n---\nburst: 1\n", want: "f.yaml: holds 2 YAML documents, want one"},
		{file: "key: a\nkey-file: b\n", want: "f.yaml:1: key and f.yaml:2: key-file are both given, want one"},
		{file: "key-file: not-there\n", want: "f.yaml:1: key-file: read the secret: open not-there: no such file or directory"},
		{env: []string{"NIANBAO_QUERY_TIME=1"}, want: `NIANBAO_QUERY_TIME: "1", want a duration such as 30s, 5m or 1h`},
		{env: []string{"NIANBAO_KEY=1", "NIANBAO_KEY_FILE=x"}, want: "NIANBAO_KEY and NIANBAO_KEY_FILE are both given, want one"},
	}
	for _, test := range tests {
		f, problems := sample.parse("f.yaml", []byte(test.file))
		_, more := sample.Resolve(nil, Sources{Env: test.env, File: f})
		var got []string
		for _, p := range append(problems, more...) {
			got = append(got, p.Error())
		}
		if len(got) != 1 && !strings.Contains(test.want, "documents") || len(got) == 0 || got[0] != test.want {
			t.Errorf("%q %q:\n got %q\nwant %q", test.file, test.env, got, test.want)
		}
	}
	if _, problems := sample.parse("f.yaml", []byte("key: [\"hunter2\n")); len(problems) == 0 || strings.Contains(fmt.Sprint(problems), "hunter2") {
		t.Errorf("a file that is no YAML: got %q, want a problem without what it holds", problems)
	}
	want := []string{"NIANBAO_LISTN is no setting; did you mean NIANBAO_LISTEN?"}
	if diff := cmp.Diff(want, sample.Strangers([]string{"NIANBAO_LISTN=1", "NIANBAO_KEY_FILE=1", "HOME=/", "NIANBAO_OTHER=1"}, "NIANBAO_OTHER")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is dumped, read again, is the same; no secret is in it.
func TestDumpIsAFile(t *testing.T) {
	f, problems := sample.parse("f.yaml", []byte("listen: ':1 # x'\nkey: hunter2\nproxies: [a, 'b: c']\nquery-time: 90m\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	values, problems := sample.Resolve(nil, Sources{File: f})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	dump := Dump(values)
	if strings.Contains(dump, "hunter2") {
		t.Errorf("the dump shows the secret:\n%s", dump)
	}
	again, problems := sample.parse("dump.yaml", []byte(dump))
	if len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, dump)
	}
	for name, e := range f.entries {
		if got := again.entries[name].text; name != "key" && name != "query-time" && got != e.text {
			t.Errorf("%s is %q in the dump, want %q\n%s", name, got, e.text, dump)
		}
	}
	if got := again.entries["query-time"].text; got != "90m" {
		t.Errorf("query-time is %q in the dump, want 90m", got)
	}
}

func TestExportedSettingGoesToTheEnvironment(t *testing.T) {
	t.Setenv("NIANBAO_TOOL", "")
	f, _ := sample.parse("f.yaml", []byte("tool: /opt/tool\n"))
	var b bound
	values, _ := sample.Resolve(b.flags(), Sources{File: f})
	if err := Apply(b.flags(), values); err != nil {
		t.Fatal(err)
	}
	if got := os.Getenv("NIANBAO_TOOL"); got != "/opt/tool" {
		t.Errorf("NIANBAO_TOOL is %q, want /opt/tool", got)
	}
}
