/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first bytes of a frame, looked at in the way that the hook offers. Nothing
 * behind the headers is ever touched, so a frame in several buffers is no matter.
 */
#ifndef AUSCULT_WINDOW_H
#define AUSCULT_WINDOW_H

#include "kernel.h"

/* Set by the loader before the program is verified; the branches that do not apply
 * are not verified then. */
const volatile __u8 direct = 1;       /* packet pointers are granted: CAP_PERFMON */
const volatile __u8 multi_buffer = 1; /* the helpers of Linux 5.18 are there */

/* No header that is read lies further from the beginning: two link headers with two
 * tags each, two IP headers with all options, GRE with ERSPAN, TCP: below 300. */
enum { WINDOW = 511 };

/* The longest header that is looked at in one piece: IPv6. */
enum { LONGEST = 40 };

struct piece {
	__u64 bytes[LONGEST / 8];
};

/* The compiler resolves which hook it is: no pointer to a window is kept. */
struct window {
	struct xdp_md *xdp;     /* one of the two is set */
	struct __sk_buff *skb;
	void *data, *end;       /* where direct */
	__u64 noise;            /* any number that the verifier cannot know */
	struct piece *piece;    /* where not direct: what was looked at last */
};

/* look returns size bytes at an offset, or 0 where the frame ends before them. They
 * are valid until the next look. */
static __always_inline void *look(struct window *w, __u64 offset, __u32 size)
{
	offset &= WINDOW;
	if (w->skb)
		return bpf_skb_load_bytes(w->skb, offset, w->piece, size) ? 0 : w->piece;
	if (direct) {
		void *at = w->data + offset;
		return at + size > w->end ? 0 : at;
	}
	return bpf_xdp_load_bytes(w->xdp, offset, w->piece, size) ? 0 : w->piece;
}

/* Lets the verifier forget how an offset came about, keeping its value: paths that
 * differ in nothing else are then verified once. */
#define FORGET(offset, noise) \
	asm volatile("%0 ^= %1\n%0 ^= %1\n%0 &= %2" : "+r"(offset) : "r"(noise), "i"(WINDOW))

/* frame_bytes is how long the whole frame is. */
static __always_inline __u64 frame_bytes(struct window *w)
{
	if (w->skb)
		return w->skb->len;
	if (multi_buffer)
		return bpf_xdp_get_buff_len(w->xdp);
	return w->end - w->data;
}

#endif
