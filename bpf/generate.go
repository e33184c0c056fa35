package bpf

// One object serves amd64 and arm64, which are both little-endian: bpfel. The
// instruction set is v2: with the 32-bit registers of v3 the compiler lays halves
// over spilled pointers, which the verifier forbids a process without CAP_PERFMON.
//go:generate go tool bpf2go -cc clang-19 -strip llvm-strip-19 -target bpfel -type skip_flags -type verdict kernel tap.c -- -O2 -g -mcpu=v2 -std=gnu11 -Wall -Wextra -Werror -nostdinc -fno-stack-protector
