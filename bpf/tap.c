//go:build ignore

// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's half of the tap: account for every packet, drop what nobody needs to
 * see. Two programs, one set of rules, one set of maps: auscult_tap at an interface
 * (XDP), auscult_filter at a packet socket. Neither changes a frame or sends one
 * anywhere.
 */
#include "kernel.h"
#include "maps.h"
#include "window.h"
#include "parse.h"
#include "tunnel.h"
#include "skip.h"

/* account_of finds the account of a packet's way, or opens one; 0 where the kernel
 * has no memory for it. */
static __always_inline struct account *account_of(const struct packet *p, __u64 now)
{
	struct account *a = bpf_map_lookup_elem(&accounting, &p->way);
	if (a)
		return a;
	struct account opened = { .first_ns = now };
	/* Another processor may be first: then its account is found. */
	bpf_map_update_elem(&accounting, &p->way, &opened, BPF_NOEXIST);
	return bpf_map_lookup_elem(&accounting, &p->way);
}

/* note remembers a packet, whatever becomes of it. */
static __always_inline void note(struct account *a, const struct packet *p, __u64 now)
{
	a->last_ns = now;
	if ((a->tcp_flags & p->tcp_flags) != p->tcp_flags)
		a->tcp_flags |= p->tcp_flags;
}

static __always_inline void count(struct window *w, const struct packet *p, enum verdict v, int accounted)
{
	struct total *t = bpf_map_lookup_elem(&totals, &v);
	if (!t) /* the verifier asks for it */
		return;
	t->packets++;
	t->bytes += frame_bytes(w);
	if (accounted) {
		t->accounted_packets++;
		t->accounted_bytes += p->payload;
	}
}

/* drop reports whether a frame is dropped. */
static __always_inline int drop(struct window *w)
{
	struct packet p = {};
	enum verdict v = read_packet(w, &p);
	if (v != PASSED) {
		count(w, &p, v, 0);
		return 0;
	}
	/* A tick's accuracy is enough for ranges that hold seconds, and costs a quarter. */
	__u64 now = multi_buffer ? bpf_ktime_get_coarse_ns() : bpf_ktime_get_ns();
	struct account *a = account_of(&p, now);
	if (!a) {
		count(w, &p, PASSED_UNACCOUNTED, 0);
		return 0;
	}
	note(a, &p, now);
	v = p.way.protocol == PROTOCOL_TCP ? judge_tcp(w, &p, a, now) : judge_udp(&p, now);
	count(w, &p, v, 1);
	if (v == PASSED) {
		__sync_fetch_and_add(&a->passed_packets, 1);
		__sync_fetch_and_add(&a->passed_bytes, p.payload);
		return 0;
	}
	__sync_fetch_and_add(&a->skipped_packets, 1);
	__sync_fetch_and_add(&a->skipped_bytes, p.payload);
	return 1;
}

SEC("xdp.frags")
int auscult_tap(struct xdp_md *ctx)
{
	struct piece piece = {};
	struct window w = {
		.piece = &piece,
		.xdp = ctx,
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.noise = ctx->rx_queue_index,
	};
	return drop(&w) ? XDP_DROP : XDP_PASS;
}

/* What a socket filter returns: how many bytes of the frame are kept. */
enum { KEEP_NOTHING = 0, KEEP_ALL = 0x7fffffff };

SEC("socket")
int auscult_filter(struct __sk_buff *skb)
{
	struct piece piece = {};
	struct window w = { .piece = &piece, .skb = skb, .noise = skb->len };
	return drop(&w) ? KEEP_NOTHING : KEEP_ALL;
}

char licence[] SEC("license") = "Apache-2.0";
