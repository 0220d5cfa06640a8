package engine

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
)

// grants is what the engine's only user may do: everything inside the store, nothing outside it. Not granted are SOURCES
// (files, hosts, buckets; with them the `default` database, in which a quoted path is a table), INTROSPECTION, access
// management, named collections and functions; and the engine is ended by its process alone.
var grants = []string{
	"GRANT CHECK, SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, CREATE TEMPORARY TABLE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, BACKUP, KILL QUERY, KILL TRANSACTION, MOVE PARTITION BETWEEN SHARDS, SYSTEM, dictGet, CLUSTER ON *.*",
	"GRANT TABLE ENGINE ON *",
	"REVOKE SYSTEM SHUTDOWN ON *.*",
}

// writeConfiguration writes the engine's configuration and users. It is given to the engine explicitly, since the engine
// would otherwise read a config.xml that happens to lie in the working or home directory. Written at every start: what
// stands there is what this program wants, not what an older one left.
func (f folder) writeConfiguration(maxMemory uint64) error {
	var users, config bytes.Buffer
	users.WriteString("<clickhouse>\n  <profiles><default>\n")
	// The embedded engine departs from a server's defaults in these two.
	users.WriteString("    <implicit_select>0</implicit_select>\n    <allow_introspection_functions>0</allow_introspection_functions>\n")
	users.WriteString("  </default></profiles>\n  <users><default>\n    <password></password><networks><ip>::/0</ip></networks>\n    <profile>default</profile><quota>default</quota>\n    <grants>\n")
	for _, grant := range grants {
		fmt.Fprintf(&users, "      <query>%s</query>\n", grant)
	}
	users.WriteString("    </grants>\n  </default></users>\n  <quotas><default></default></quotas>\n</clickhouse>\n")

	config.WriteString("<clickhouse>\n")
	fmt.Fprintf(&config, "  <users_config>%s</users_config>\n", escapeXML(f.users()))
	fmt.Fprintf(&config, "  <backups><allowed_path>%s</allowed_path></backups>\n", escapeXML(f.backups()))
	if maxMemory > 0 {
		// The ratio caps the number, so it must not be the default 0.9 of a small machine.
		fmt.Fprintf(&config, "  <max_server_memory_usage>%d</max_server_memory_usage>\n  <max_server_memory_usage_to_ram_ratio>1</max_server_memory_usage_to_ram_ratio>\n", maxMemory)
	} else {
		config.WriteString("  <max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>\n")
	}
	config.WriteString("</clickhouse>\n")

	if err := os.WriteFile(f.users(), users.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the engine's users: %w", err)
	}
	if err := os.WriteFile(f.config(), config.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the engine's configuration: %w", err)
	}
	return nil
}

func escapeXML(text string) string {
	var out strings.Builder
	xml.EscapeText(&out, []byte(text)) // a Builder does not fail
	return out.String()
}
