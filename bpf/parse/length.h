/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The length of a frame, taken from the kernel only if the headers leave a doubt. */
#ifndef AEGIS_PARSE_LENGTH_H
#define AEGIS_PARSE_LENGTH_H

#include <bpf/bpf_endian.h>

#include "../frame.h"
#include "../packet.h"

/* Bytes: the shortest Ethernet frame; the longest padded frame, which may have a tag on top; a frame of the
 * usual MTU with two tags. */
#define LEAST_FRAME 60
#define PADDED_FRAME 64
#define LINEAR_FRAME 1522

/*
 * Length of the frame in bytes, as far as it is known without a call, which most frames do not need. For a
 * frame that may be in several pieces, it is the length of the first. It is compared with the length in the
 * IP header, or the kernel is asked in the end.
 */
static __always_inline __u32 frame_length(struct aegis_frame *frame)
{
	__u64 linear = frame_linear(frame);

	return linear > LINEAR_FRAME ? frame_size(frame) : linear;
}

/* Whether this is the length of a whole frame that ends after its packet because it is padded. */
static __always_inline bool is_padded(__u64 length)
{
	return length - LEAST_FRAME <= PADDED_FRAME - LEAST_FRAME;
}

/* Notes the length of a frame whose IP packet ends at `end`; false if the frame is shorter than that. */
static __always_inline bool measure_up_to(struct aegis_frame *frame, struct packet *packet, __u32 end)
{
	if (packet->frame_length != end && (packet->frame_length < end || !is_padded(packet->frame_length)))
		packet->frame_length = frame_size(frame);
	return packet->frame_length >= end;
}

/* Measures a frame without an IP header to compare its length with. */
static __always_inline void measure(struct aegis_frame *frame, struct packet *packet)
{
	if (!packet->family && !is_padded(packet->frame_length))
		packet->frame_length = frame_size(frame);
}

/*
 * Notes the bytes of all packets that a frame is cut into, each with a copy of the headers, and the length of
 * the first of them. A global function, so that the verifier walks it once.
 */
AEGIS_GLOBAL __u32 weigh_all(struct aegis_frame *frame, struct packet *packet)
{
	__u32 length, first;

	if (!packet)
		return 0;
	first = packet->headers - packet->network + frame_segment(frame);
	if (packet->headers > packet->network && first < packet->length)
		packet->length = first;
	length = packet->frame_length + (packets_of(packet) - 1) * packet->headers;
	packet->frame_length = length < frame_sent(frame) ? frame_sent(frame) : length;
	return 0;
}

static __always_inline void weigh(struct aegis_frame *frame, struct packet *packet)
{
	if (packets_of(packet) > 1)
		weigh_all(frame, packet);
}

/*
 * The length that a 16-bit field of an IP header gives for the bytes from `offset` on. The host's own stack,
 * and GRO, create longer packets (BIG TCP), whose field is 0. In a shorter packet a 0 means a length of zero.
 */
static __always_inline __u32 length_said(struct aegis_frame *frame, __be16 length, __u32 offset)
{
	__u64 size;

	if (length)
		return bpf_ntohs(length);
	/* Behind tc the headers of such a packet are a piece of their own. */
	size = frame_size(frame);
	return size > offset + 0xffff ? size - offset : 0;
}

#endif
