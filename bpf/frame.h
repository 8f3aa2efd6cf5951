/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A frame as the kernel hands it over. Only this file knows from which hook it comes. Headers are read from
 * the linear part of the buffer, where drivers put them.
 */
#ifndef AEGIS_FRAME_H
#define AEGIS_FRAME_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>

#include "kernel.h"

/* The verifier recognizes the argument of a global function by the name of its struct; it does not resolve
 * typedefs. */
#if !defined(__bpf__)
#define aegis_frame host_frame
#define FRAME_MAY_BE_CUT 1
#define FRAME_PASS AEGIS_PASS
#define FRAME_DROP AEGIS_DROP
#define FRAME_REDIRECT AEGIS_PASS
#define FRAME_REPLY AEGIS_REPLY
#elif defined(AEGIS_TC)
#define aegis_frame __sk_buff
#define FRAME_MAY_BE_CUT 1
#define FRAME_PASS TC_ACT_UNSPEC
#define FRAME_DROP TC_ACT_SHOT
#define FRAME_REDIRECT TC_ACT_UNSPEC
#define FRAME_REPLY TC_ACT_SHOT
#else
#define aegis_frame xdp_md
#define FRAME_MAY_BE_CUT 0 /* into several packets, after it was judged */
#define FRAME_PASS XDP_PASS
#define FRAME_DROP XDP_DROP
#define FRAME_REDIRECT XDP_REDIRECT
#define FRAME_REPLY XDP_TX
#endif

static __always_inline void *frame_start(const struct aegis_frame *frame)
{
	return (void *)(long)frame->data;
}

static __always_inline void *frame_end(const struct aegis_frame *frame)
{
	return (void *)(long)frame->data_end;
}

/* Length of the linear part in bytes. */
static __always_inline __u64 frame_linear(const struct aegis_frame *frame)
{
	return frame->data_end - frame->data;
}

#if !defined(__bpf__)
/* Length of the whole frame in bytes. */
static __always_inline __u64 frame_size(struct aegis_frame *frame)
{
	return frame->size;
}

static __always_inline __u32 frame_interface(const struct aegis_frame *frame)
{
	return frame->ifindex;
}

static __always_inline bool frame_tag(const struct aegis_frame *frame, __be16 *tci)
{
	return false;
}

static __always_inline long frame_load(struct aegis_frame *frame, __u32 offset, void *to, __u32 size)
{
	return host_load(frame, offset, to, size);
}

static __always_inline bool frame_leaves(const struct aegis_frame *frame)
{
	return frame->leaves;
}

static __always_inline __be16 frame_protocol(const struct aegis_frame *frame)
{
	return frame->protocol;
}

static __always_inline __u32 frame_packets(const struct aegis_frame *frame)
{
	return frame->packets;
}

static __always_inline __u64 frame_sent(const struct aegis_frame *frame)
{
	return frame->sent;
}

static __always_inline __u32 frame_segment(const struct aegis_frame *frame)
{
	return frame->segment;
}
#elif defined(AEGIS_TC)
static __always_inline __u64 frame_size(struct aegis_frame *frame)
{
	return frame->len;
}

static __always_inline __u32 frame_interface(const struct aegis_frame *frame)
{
	return frame->ifindex;
}

/* Whether the kernel or the network card has stripped the outermost tag; if so, fills in *tci. */
static __always_inline bool frame_tag(const struct aegis_frame *frame, __be16 *tci)
{
	if (!frame->vlan_present)
		return false;
	*tci = bpf_htons(frame->vlan_tci);
	return true;
}

static __always_inline long frame_load(struct aegis_frame *frame, __u32 offset, void *to, __u32 size)
{
	return bpf_skb_load_bytes(frame, offset, to, size);
}

static __always_inline bool frame_leaves(const struct aegis_frame *frame)
{
#ifdef AEGIS_OUT
	return true;
#else
	return false;
#endif
}

/* The EtherType of a frame without a header of the link. */
static __always_inline __be16 frame_protocol(const struct aegis_frame *frame)
{
	return frame->protocol;
}

/* The packets that segmentation makes of the frame. Who sends into a tun device need not count them. */
static __always_inline __u32 frame_packets(const struct aegis_frame *frame)
{
	__u32 size = frame->gso_size;

	if (!size)
		return 1;
	return frame->gso_segs ?: (frame->len + size - 1) / size;
}

/* The bytes of payload in the first of these packets, if there are several. */
static __always_inline __u32 frame_segment(const struct aegis_frame *frame)
{
	return frame->gso_size;
}

/* The bytes of all these packets, if the kernel worked them out: it knows the headers inside a tunnel. */
static __always_inline __u64 frame_sent(const struct aegis_frame *frame)
{
#ifdef AEGIS_OUT
	return frame->wire_len;
#else
	return 0;
#endif
}
#else
static __always_inline __u64 frame_size(struct aegis_frame *frame)
{
	return bpf_xdp_get_buff_len(frame);
}

static __always_inline __u32 frame_interface(const struct aegis_frame *frame)
{
	return frame->ingress_ifindex;
}

static __always_inline bool frame_tag(const struct aegis_frame *frame, __be16 *tci)
{
	return false;
}

static __always_inline long frame_load(struct aegis_frame *frame, __u32 offset, void *to, __u32 size)
{
	return bpf_xdp_load_bytes(frame, offset, to, size);
}

static __always_inline bool frame_leaves(const struct aegis_frame *frame)
{
	return false;
}

static __always_inline __be16 frame_protocol(const struct aegis_frame *frame)
{
	return 0;
}

static __always_inline __u32 frame_packets(const struct aegis_frame *frame)
{
	return 1;
}

static __always_inline __u32 frame_segment(const struct aegis_frame *frame)
{
	return 0;
}

static __always_inline __u64 frame_sent(const struct aegis_frame *frame)
{
	return 0;
}
#endif

#endif
