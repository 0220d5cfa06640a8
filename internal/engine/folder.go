package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// folder is the data folder, an absolute path without symbolic links. The engine's own files are in clickhouse/ and
// backups/; beside them lie
//
//	lock               held by the process that supervises the engine; its id is written in it
//	engine.lock        held by the engine's process
//	engine.sock        where the engine listens, unless the path would be too long
//	engine.json        where it listens in any case, and who supervises it
//	engine.log         what the engine's process says
//	engine-config.xml  written at every start
//	engine-users.xml   likewise
type folder string

func (f folder) store() string     { return filepath.Join(string(f), "clickhouse") }
func (f folder) backups() string   { return filepath.Join(string(f), "backups") }
func (f folder) lockFile() string  { return filepath.Join(string(f), "lock") }
func (f folder) childLock() string { return filepath.Join(string(f), "engine.lock") }
func (f folder) addresses() string { return filepath.Join(string(f), "engine.json") }
func (f folder) logFile() string   { return filepath.Join(string(f), "engine.log") }
func (f folder) config() string    { return filepath.Join(string(f), "engine-config.xml") }
func (f folder) users() string     { return filepath.Join(string(f), "engine-users.xml") }

// openFolder makes the data folder, for its owner alone, and resolves its path.
func openFolder(data string) (folder, error) {
	if data == "" {
		return "", errors.New("open the data folder: its path is empty")
	}
	absolute, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("open data folder %s: %w", data, err)
	}
	if err := os.MkdirAll(absolute, 0o700); err != nil {
		return "", fmt.Errorf("open data folder %s: %w", data, err)
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return "", fmt.Errorf("open data folder %s: %w", data, err)
	}
	f := folder(resolved)
	for _, dir := range []string{f.store(), f.backups()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", fmt.Errorf("open data folder %s: %w", data, err)
		}
	}
	return f, nil
}

// maxSocketPath is below what the systems allow for the path of a socket: 108 bytes on Linux, 104 on macOS.
const maxSocketPath = 100

// socket is where the engine listens: in the data folder, or, when that path is too long for a socket, in a folder of
// this user's in a short runtime directory.
func (f folder) socket() (string, error) {
	path := filepath.Join(string(f), "engine.sock")
	if len(path) <= maxSocketPath {
		return path, nil
	}
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if info, err := os.Stat(runtime); err != nil || !info.IsDir() || len(runtime) > 40 {
		runtime = "/tmp"
	}
	sum := sha256.Sum256([]byte(f))
	dir := filepath.Join(runtime, fmt.Sprintf("nianbao-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make a folder for the engine's socket (the path of %s is too long for one): %w", f, err)
	}
	// Another user may have made it first, to listen in our place.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("look at the folder for the engine's socket: %w", err)
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !known || int(owner.Uid) != os.Getuid() {
		return "", fmt.Errorf("use %s for the engine's socket: it is not a folder that belongs to this user alone; remove it or choose a shorter data folder than %s", dir, f)
	}
	return filepath.Join(dir, "engine.sock"), nil
}

// address says where the running engine is.
type address struct {
	PID    int    `json:"pid"` // of the process that supervises it
	Socket string `json:"socket"`
}

func (f folder) readAddress() (address, error) {
	content, err := os.ReadFile(f.addresses())
	if err != nil {
		return address{}, err
	}
	var a address
	if err := json.Unmarshal(content, &a); err != nil {
		return address{}, fmt.Errorf("read %s: %w", f.addresses(), err)
	}
	return a, nil
}

func (f folder) writeAddress(a address) error {
	content, err := json.Marshal(a)
	if err != nil {
		return err
	}
	next := f.addresses() + ".new"
	if err := os.WriteFile(next, append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the engine's address: %w", err)
	}
	if err := os.Rename(next, f.addresses()); err != nil {
		return fmt.Errorf("write the engine's address: %w", err)
	}
	return nil
}

// errHeld says that another process holds a lock.
var errHeld = errors.New("held by another process")

// lock takes a lock file, or returns errHeld. The system frees it when the process ends, however it ends. The file
// stays: removing it would let two processes hold locks on two files of one name.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errHeld
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	// Who holds it, for the message of those who do not.
	if err := file.Truncate(0); err == nil {
		file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return file, nil
}

// holder is the id of the process that holds the lock, "unknown" when the file does not say.
func holder(path string) string {
	content, err := os.ReadFile(path)
	if id := strings.TrimSpace(string(content)); err == nil && id != "" {
		return id
	}
	return "unknown"
}
