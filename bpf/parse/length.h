/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How long a frame is, asked of the kernel only where the headers leave a doubt. */
#ifndef AEGIS_PARSE_LENGTH_H
#define AEGIS_PARSE_LENGTH_H

#include <bpf/bpf_endian.h>

#include "../frame.h"
#include "../packet.h"

/* Bytes: the shortest Ethernet frame; the longest that is padded, for a tag may come on top; one of the usual
 * MTU with two tags. */
#define LEAST_FRAME 60
#define PADDED_FRAME 64
#define LINEAR_FRAME 1522

/*
 * Bytes of the frame, as far as they are known without a call, which most frames need not pay: of one that
 * may be in several pieces, those of the first. It is held against what its IP header says, or asked about in
 * the end.
 */
static __always_inline __u32 frame_length(struct aegis_frame *frame)
{
	__u64 linear = frame_linear(frame);

	return linear > LINEAR_FRAME ? frame_size(frame) : linear;
}

/* Whether so many bytes are a whole frame that ends behind its packet, because it is padded. */
static __always_inline bool is_padded(__u64 length)
{
	return length - LEAST_FRAME <= PADDED_FRAME - LEAST_FRAME;
}

/* Notes how long the frame is if its IP packet ends at `end`, which false says that it does not reach. */
static __always_inline bool measure_up_to(struct aegis_frame *frame, struct packet *packet, __u32 end)
{
	if (packet->frame_length != end && (packet->frame_length < end || !is_padded(packet->frame_length)))
		packet->frame_length = frame_size(frame);
	return packet->frame_length >= end;
}

/* Of a frame without an IP header that was held against it. */
static __always_inline void measure(struct aegis_frame *frame, struct packet *packet)
{
	if (!packet->family && !is_padded(packet->frame_length))
		packet->frame_length = frame_size(frame);
}

/*
 * What an IP header says in 16 bits of the bytes from `offset` on. The host's own stack, and GRO, make
 * packets that are longer (BIG TCP) and say 0; a shorter one that says so has none.
 */
static __always_inline __u32 length_said(const struct packet *packet, __be16 length, __u32 offset)
{
	if (!length && packet->frame_length > offset + 0xffff)
		return packet->frame_length - offset;
	return bpf_ntohs(length);
}

#endif
