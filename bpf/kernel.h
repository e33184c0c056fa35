/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel offers to the programs, written down here so that building them
 * needs a compiler and nothing else. Names, numbers and layouts are those of
 * linux/bpf.h, which never change.
 */
#ifndef AUSCULT_KERNEL_H
#define AUSCULT_KERNEL_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef __u16 __be16; /* network order */
typedef __u32 __be32;

#define SEC(name) __attribute__((section(name), used))
#define __always_inline inline __attribute__((always_inline))

/* How a map is described to the loader, in BTF. */
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name

enum { /* enum bpf_map_type */
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
};

enum { BPF_NOEXIST = 1 }; /* for bpf_map_update_elem: only where there is none */

enum { XDP_DROP = 1, XDP_PASS = 2 }; /* enum xdp_action: the only two that are used */

/* The beginning of struct xdp_md. */
struct xdp_md {
	__u32 data;
	__u32 data_end;
	__u32 data_meta;
	__u32 ingress_ifindex;
	__u32 rx_queue_index;
};

/* The beginning of struct __sk_buff. */
struct __sk_buff {
	__u32 len;
};

/* Helpers, by their numbers; none of them asks for a GPL program since Linux 5.8. */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u64 (*const bpf_ktime_get_coarse_ns)(void) = (void *)160; /* Linux 5.11 */
static long (*const bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 size) = (void *)26;
static __u64 (*const bpf_xdp_get_buff_len)(struct xdp_md *ctx) = (void *)188; /* Linux 5.18 */
static long (*const bpf_xdp_load_bytes)(struct xdp_md *ctx, __u32 offset, void *to, __u32 size) = (void *)189; /* Linux 5.18 */

/* Between network order and the machine's, which is little-endian (see doc.go). */
#define swap16(value) __builtin_bswap16(value)
#define swap32(value) __builtin_bswap32(value)

#endif
