package bpf_test

import "golang.org/x/sys/unix"

// dup copies a descriptor; the copy is closed when the process executes another.
func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) }
