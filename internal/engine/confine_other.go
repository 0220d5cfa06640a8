//go:build !linux

package engine

import "errors"

// confine is only known for Linux.
func confine(readable, writable []string, program string, arguments []string) error {
	return errors.New("confine the engine: not known for this system")
}
