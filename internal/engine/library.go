package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// LibraryVersion is what chdb_version() of the pinned library answers. The bridge relies on observed behaviour of
// exactly this version (which statements stream, where errors appear), so any other is refused.
const LibraryVersion = "26.7.3"

// packageVersion is the version of the npm packages that hold the pinned library.
const packageVersion = "26.7.3-stable.1"

// libraryVariable is the environment variable that names the library.
const libraryVariable = "NIANBAO_CHDB_LIB"

// FindLibrary returns the path of libchdb and every place it looked at.
//
// An explicit path, or the one in NIANBAO_CHDB_LIB, is taken alone: when it does not exist that is an error, never a
// reason to load another file. Otherwise the places are: beside the program, ../lib/nianbao, node_modules beside the
// program and in the working directory, the user's cache, /usr/local/lib and /usr/lib. The data folder is never one.
func FindLibrary(explicit string) (path string, looked []string, err error) {
	if explicit != "" {
		return requireLibrary(explicit, "the --library flag")
	}
	if named := os.Getenv(libraryVariable); named != "" {
		return requireLibrary(named, libraryVariable)
	}
	looked = libraryPlaces()
	for _, place := range looked {
		if isFile(place) {
			absolute, err := filepath.Abs(place)
			if err != nil {
				return "", looked, fmt.Errorf("find libchdb: resolve %s: %w", place, err)
			}
			return absolute, looked, nil
		}
	}
	return "", looked, fmt.Errorf("find libchdb %s: not found; run `make build` or set %s to its path; looked at:\n  %s",
		packageVersion, libraryVariable, strings.Join(looked, "\n  "))
}

func requireLibrary(path, source string) (string, []string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("find libchdb: %s names %s, which does not exist; run `make build` or set %s to the path of libchdb %s",
			source, path, libraryVariable, packageVersion)
	case err != nil:
		err = fmt.Errorf("find libchdb: %s names %s: %w", source, path, err)
	case !info.Mode().IsRegular():
		err = fmt.Errorf("find libchdb: %s names %s, which is not a regular file; run `make build` or set %s to the path of libchdb %s",
			source, path, libraryVariable, packageVersion)
	}
	if err != nil {
		return "", []string{path}, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", []string{path}, fmt.Errorf("find libchdb: resolve %s: %w", path, err)
	}
	return absolute, []string{path}, nil
}

func libraryPlaces() []string {
	file, module := libraryFile(), filepath.Join("node_modules", "@chdb", libraryPackage())
	var places []string
	if exe, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(exe); err == nil {
			exe = resolved
		}
		beside := filepath.Dir(exe)
		places = append(places,
			filepath.Join(beside, file),
			filepath.Join(beside, "..", "lib", "nianbao", file),
			filepath.Join(beside, module, file),
			// bin/nianbao in a source tree: node_modules is one level up.
			filepath.Join(beside, "..", module, file),
		)
	}
	if here, err := os.Getwd(); err == nil {
		places = append(places, filepath.Join(here, module, file))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "nianbao", "chdb", packageVersion, module, file))
	}
	return append(places, filepath.Join("/usr/local/lib", file), filepath.Join("/usr/lib", file))
}

// libraryFile is the same name on every system: the npm packages for macOS hold a libchdb.so too, a libchdb.dylib only
// when built from source, and dlopen takes either.
func libraryFile() string {
	return "libchdb.so"
}

// libraryPackage is the npm package for this system, e.g. lib-linux-x64-gnu.
func libraryPackage() string {
	cpu := runtime.GOARCH
	if cpu == "amd64" {
		cpu = "x64"
	}
	name := "lib-" + runtime.GOOS + "-" + cpu
	if runtime.GOOS == "linux" {
		name += "-gnu"
	}
	return name
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
