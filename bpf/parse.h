/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PARSE_H
#define AEGIS_PARSE_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "transport.h"

#define VLAN_TAGS 4

/* Bytes: the shortest Ethernet frame; the longest that is padded, for a tag may come on top; one of the usual
 * MTU with two tags. */
#define LEAST_FRAME 60
#define PADDED_FRAME 64
#define LINEAR_FRAME 1522
#define IPV6_EXTENSION_HEADERS 8

#define IP_OFFSET 0x1fff
#define IP_MORE_FRAGMENTS 0x2000
#define IP6_OFFSET 0xfff8
#define IP6_MORE_FRAGMENTS 0x0001

struct vlan_tag {
	__be16 tci;
	__be16 protocol;
};

/* RFC 8200 section 4.5 */
struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 identification;
};

struct extension_header {
	__u8 next;
	__u8 length;
	__u8 data[6];
};

/*
 * Bytes of the frame, as far as they are known without a call, which most frames need not pay: of one that
 * may be in several pieces, those of the first. It is held against what its IP header says, or asked about in
 * the end.
 */
static __always_inline __u64 frame_length(struct xdp_md *context)
{
	__u64 linear = context->data_end - context->data;

	return linear > LINEAR_FRAME ? bpf_xdp_get_buff_len(context) : linear;
}

/* Whether so many bytes are a whole frame that ends behind its packet, because it is padded. */
static __always_inline bool is_padded(__u64 length)
{
	return length - LEAST_FRAME <= PADDED_FRAME - LEAST_FRAME;
}

/* Whether the frame has the bytes up to `end`, where its IP packet says that it ends. */
static __always_inline bool reaches(struct xdp_md *context, struct packet *packet, __u32 end)
{
	if (packet->frame_length != end && (packet->frame_length < end || !is_padded(packet->frame_length)))
		packet->frame_length = bpf_xdp_get_buff_len(context);
	return packet->frame_length >= end;
}

/* Of a frame without an IP header that was held against it. */
static __always_inline void measure(struct xdp_md *context, struct packet *packet)
{
	if (!packet->family && !is_padded(packet->frame_length))
		packet->frame_length = bpf_xdp_get_buff_len(context);
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

/* offset: of the IP header in the frame. */
static __always_inline __u32 parse_ipv4(struct xdp_md *context, struct cursor *cursor, struct packet *packet,
					__u32 offset)
{
	struct iphdr *ip = take(cursor, sizeof(*ip));
	__u32 header, total, fragment;

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return AEGIS_DROP_MALFORMED;
	header = ip->ihl * 4;
	total = length_said(packet, ip->tot_len, offset);
	if (total < header || !reaches(context, packet, offset + total) ||
	    !take(cursor, header - sizeof(*ip)))
		return AEGIS_DROP_MALFORMED;

	packet->family = AEGIS_FAMILY_V4;
	packet->network = offset;
	packet->transport = offset + header;
	packet->protocol = ip->protocol;
	*(__be32 *)packet->source.octet = ip->saddr;
	fragment = bpf_ntohs(ip->frag_off) & (IP_OFFSET | IP_MORE_FRAGMENTS);
	if (fragment)
		packet->traits |= PACKET_FRAGMENT;
	if (fragment & IP_OFFSET)
		packet->traits |= PACKET_LATER_FRAGMENT;
	return parse_transport(cursor, packet, total - header, !fragment, 0);
}

#define EXTENSION_MALFORMED 0
#define EXTENSION_NEXT 0xff
#define EXTENSION_FRAGMENT (1 << 8)
#define EXTENSION_LATER (1 << 9)
#define EXTENSION_LENGTH_SHIFT 16

static __always_inline bool is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_AH || protocol == IPPROTO_FRAGMENT;
}

/*
 * The header of the given kind at the given offset in the frame, packed as EXTENSION_*. A global function:
 * the verifier then sees numbers where a chain of packet pointers would multiply its paths.
 */
__attribute__((noinline)) __u32 read_extension(struct xdp_md *context, __u32 offset, __u32 kind)
{
	struct cursor cursor = {(void *)(long)context->data, (void *)(long)context->data_end};
	struct extension_header *extension;
	__u32 packed, length = sizeof(*extension);

	if (offset > 0x7fff)
		return EXTENSION_MALFORMED;
	cursor.at += offset;
	extension = take(&cursor, sizeof(*extension));
	if (!extension)
		return EXTENSION_MALFORMED;
	packed = extension->next;
	if (kind == IPPROTO_FRAGMENT) {
		__u32 place = bpf_ntohs(((struct fragment_header *)extension)->offset);

		/* An atomic fragment, RFC 6946, is a whole packet. */
		if (place & (IP6_OFFSET | IP6_MORE_FRAGMENTS))
			packed |= EXTENSION_FRAGMENT;
		if (place & IP6_OFFSET)
			packed |= EXTENSION_LATER;
	} else if (kind == IPPROTO_AH) {
		length = (extension->length + 2) * 4; /* RFC 4302 section 2.2 */
	} else {
		length = (extension->length + 1) * 8;
	}
	if (length < sizeof(*extension))
		return EXTENSION_MALFORMED;
	return packed | length << EXTENSION_LENGTH_SHIFT;
}

/* ::ffff:0:0/96 is how a host writes IPv4 addresses to itself. On the wire it would be read as somebody's who
 * is judged by another name, and Linux takes no such packet either (ip6_rcv_core). */
static __always_inline bool is_mapped(const struct aegis_address *source)
{
	const __u32 *words = (const __u32 *)source;

	return words[2] == bpf_htonl(0xffff) && !words[1] && !words[0];
}

/* offset: of the IP header in the frame. */
static __always_inline __u32 parse_ipv6(struct xdp_md *context, struct cursor *cursor, struct packet *packet,
					__u32 offset)
{
	struct ipv6hdr *ip = take(cursor, sizeof(*ip));
	__u8 next, hop_limit;
	__u32 room;

	if (!ip || ip->version != 6)
		return AEGIS_DROP_MALFORMED;
	packet->network = offset;
	offset += sizeof(*ip);
	room = length_said(packet, ip->payload_len, offset);
	if (!reaches(context, packet, offset + room))
		return AEGIS_DROP_MALFORMED;
	packet->family = AEGIS_FAMILY_V6;
	__builtin_memcpy(&packet->source, &ip->saddr, sizeof(packet->source));
	if (is_mapped(&packet->source))
		return AEGIS_DROP_MALFORMED;
	next = ip->nexthdr;
	hop_limit = ip->hop_limit;

	/* Unrolled: before 6.8 a loop whose end the compiler puts in front of its head is refused. */
#pragma unroll
	for (int i = 0; i <= IPV6_EXTENSION_HEADERS; i++) {
		__u32 extension, length;

		if (!is_extension(next))
			break;
		if (i == IPV6_EXTENSION_HEADERS)
			return AEGIS_DROP_EXTENSION_HEADERS;
		/* RFC 6980: there is no neighbour discovery behind a fragment header, not even an atomic one.
		 */
		if (next == IPPROTO_FRAGMENT)
			hop_limit = 0;
		extension = read_extension(context, offset, next);
		length = extension >> EXTENSION_LENGTH_SHIFT;
		if (!length || length > room)
			return AEGIS_DROP_MALFORMED;
		next = extension & EXTENSION_NEXT;
		room -= length;
		offset += length;
		if (extension & EXTENSION_FRAGMENT)
			packet->traits |= PACKET_FRAGMENT;
		if (extension & EXTENSION_LATER) {
			packet->traits |= PACKET_LATER_FRAGMENT;
			break;
		}
		/* Bounded for the verifier; what lies further is beyond the frame or refused above. */
		cursor->at = (void *)(long)context->data + (offset & 0x7fff);
	}
	packet->protocol = next;
	packet->transport = offset;
	return parse_transport(cursor, packet, room, !(packet->traits & PACKET_FRAGMENT), hop_limit);
}

/*
 * What bonds, bridges and ports with 802.1X live by: untagged, and to a group whose frames stay on the link
 * (IEEE 802.1Q table 8-1). Nothing of it is IP to anybody.
 */
static __always_inline bool is_link_control(const struct ethhdr *ethernet)
{
	const __u8 *to = ethernet->h_dest;

	if (to[0] != 0x01 || to[1] != 0x80 || to[2] != 0xc2 || to[3] || to[4] || to[5] > 0x0f)
		return false;
	switch (ethernet->h_proto) {
	case bpf_htons(ETH_P_SLOW):
	case bpf_htons(ETH_P_PAE):
	case bpf_htons(ETH_P_LLDP):
		return true;
	case bpf_htons(ETH_P_1588):
		return to[5] == 0x0e; /* of the peer delay mechanism */
	default:
		return to[5] == 0 && bpf_ntohs(ethernet->h_proto) <= ETH_DATA_LEN; /* STP */
	}
}

/* A reason, or GO_ON with the packet filled in. */
static __always_inline __u32 parse(struct xdp_md *context, struct packet *packet)
{
	void *start = (void *)(long)context->data;
	struct cursor cursor = {start, (void *)(long)context->data_end};
	struct ethhdr *ethernet = take(&cursor, sizeof(*ethernet));
	__be16 protocol;

	if (!ethernet)
		return AEGIS_DROP_MALFORMED;
	protocol = ethernet->h_proto;
	/* Linux takes off any number of tags of VLAN 0, and reads what is behind. */
#pragma unroll
	for (int i = 0; i <= VLAN_TAGS; i++) {
		struct vlan_tag *tag;

		if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
			break;
		if (i == VLAN_TAGS)
			return AEGIS_DROP_VLAN_TAGS;
		tag = take(&cursor, sizeof(*tag));
		if (!tag)
			return AEGIS_DROP_MALFORMED;
		protocol = tag->protocol;
	}
	switch (protocol) {
	case bpf_htons(ETH_P_IP):
		return parse_ipv4(context, &cursor, packet, cursor.at - start);
	case bpf_htons(ETH_P_IPV6):
		return parse_ipv6(context, &cursor, packet, cursor.at - start);
	case bpf_htons(ETH_P_ARP):
		return AEGIS_PASS_ARP;
	default:
		return is_link_control(ethernet) ? AEGIS_PASS_LINK_CONTROL : AEGIS_DROP_NOT_IP;
	}
}

#endif
