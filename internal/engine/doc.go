// Package engine is the ClickHouse inside nianbao: libchdb in a child process, behind ClickHouse's own HTTP interface
// on a unix socket, so that the same driver and the same SQL serve the embedded store and a server.
//
//	warehouse ── clickhouse-go (HTTP) ── Engine.DialContext ── unix socket ─┐
//	                                                                        │  process boundary
//	    child:  bridge ── gate ── guard ── one chdb connection per request ── libchdb ── DATA/clickhouse
//
// # Why a child process
//
// The library is 540 MB of C++ that maps itself into its process, ends it when it fails, cannot be unloaded or opened
// twice, and takes the process's time zone for its own. In a child a fault costs the queries that were running and a
// restart of 0.2 s; memory, signals and time zone (UTC) are set for it alone; and other commands on the same data folder
// can talk to it. The parent never loads the library; purego does without cgo in the child.
//
// # Who supervises
//
// The first process that opens a data folder locks it (DATA/lock), starts `nianbao engine`, which is Child, asks it for a
// sign of life every few seconds, kills it when it does not answer, and starts another, with growing pauses when that
// keeps happening. Restarting is safe at any time: what was acknowledged survives kill -9. A later process finds the
// lock taken and talks to the running engine through the socket named in DATA/engine.json; when the supervisor goes, the
// first of the others that needs the engine takes its place (Engine.DialContext). The child knows its parent is dead when
// its stdin ends, however the parent died, and ends at once; its own lock (DATA/engine.lock) makes a successor wait for
// that. Children are in a process group of their own and ignore SIGHUP and SIGPIPE, so a terminal reaches only the parent.
//
// A request that reaches a dying child may be cut; the next waits for its successor. Whether an insert that was cut is
// stored is not known to its sender: send it again with the same insert_deduplication_token.
//
// # What the child may do
//
// Statements that reach outside the store are refused from everybody (guard.go has the four walls). The child gets no
// environment but PATH and the zone, and on Linux with Landlock it gives up, before it loads the library, every right
// on files outside DATA and every connection by TCP (confine_linux.go).
//
// # A request
//
// Every HTTP request gets a fresh connection of the library (0.1 ms), which gives exactly the semantics of stateless HTTP:
// settings, current database and temporary tables die with it. In order: parameters are read (request.go), text is
// read and looked at (statement.go), refused or not (guard.go), a place is waited for (gate.go); then SET, USE, external
// tables, readonly; then the engine's parser judges the statement; then it runs (work.go) as
//
//   - a stream, where the format's chunks can be joined and the statement is a SELECT: fetched chunk by chunk, the next
//     only when the client took the last, so memory stays flat however slow the client is (chunks.go);
//   - a plain call otherwise, whose result the engine holds whole. Only a text that parses as ONE statement gets here:
//     the plain call would run several;
//   - an insert stream, for INSERT … FORMAT with the rows in the body.
//
// Settings go through SET, since unknown ones would be swallowed as arguments of a connection; the database through USE;
// parameters through the library's binding; query_id into log_comment, by which the admin connection kills the query of
// a client that went away.
//
// # What must never happen
//
// A cut or failed result that looks whole, or a cut insert that looks stored. Errors before the first byte have a
// status and a code; after it they come as the tagged trailer that servers write; and where neither can be written the
// connection is dropped without the end mark of HTTP's chunks (answer.go). A body that could not be read to its end
// cancels its insert. Formats whose chunks do not join are not streamed.
//
// # What differs from a server
//
// Native is written in revision 0 always, so the driver is told that revision (work.hello). The answer to KILL and SHOW
// PROCESSLIST has the engine's ids, not the client's. There are no sessions, users, roles or quotas; the mode of the
// socket is the protection. An INSERT in the format Native with an empty body is an error (work.insert says why). Bodies
// may be compressed with gzip, LZ4 and ZSTD; one compressed block may hold 128 MiB. Formats that are not streamed are
// held whole in memory.
package engine
