/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PARSE_H
#define AEGIS_PARSE_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "packet.h"

#define VLAN_TAGS 2
#define IPV6_EXTENSION_HEADERS 8

#define IP_OFFSET 0x1fff
#define IP_MORE_FRAGMENTS 0x2000
#define IP6_OFFSET 0xfff8
#define IP6_MORE_FRAGMENTS 0x0001

#define ICMP_DEST_UNREACHABLE 3
#define ICMP_FRAGMENTATION_NEEDED 4
#define ICMPV6_PACKET_TOO_BIG 2
#define ICMPV6_LISTENER_QUERY 130
#define ICMPV6_ROUTER_SOLICITATION 133
#define ICMPV6_NEIGHBOUR_ADVERTISEMENT 136

struct vlan_tag {
	__be16 tci;
	__be16 protocol;
};

struct icmp_header {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest;
};

struct sctp_header {
	__be16 source;
	__be16 dest;
	__be32 tag;
	__be32 checksum;
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

/* The unread part of the frame. Only the linear part of the buffer is read: drivers keep headers there. */
struct cursor {
	void *at;
	void *end;
};

static __always_inline void *take(struct cursor *cursor, __u32 size)
{
	void *header = cursor->at;

	if (header + size > cursor->end)
		return NULL;
	cursor->at = header + size;
	return header;
}

static __always_inline __u32 parse_tcp(struct cursor *cursor, struct packet *packet, __u32 room, bool whole)
{
	struct tcphdr *tcp = take(cursor, sizeof(*tcp));

	if (!tcp || room < sizeof(*tcp) || tcp->doff < 5 || (whole && tcp->doff * 4u > room))
		return AEGIS_DROP_MALFORMED;
	packet->port = tcp->dest;
	packet->traits |= PACKET_HAS_PORTS;
	return GO_ON;
}

static __always_inline __u32 parse_udp(struct cursor *cursor, struct packet *packet, __u32 room, bool whole)
{
	struct udphdr *udp = take(cursor, sizeof(*udp));
	__u32 length;

	if (!udp || room < sizeof(*udp))
		return AEGIS_DROP_MALFORMED;
	length = bpf_ntohs(udp->len);
	if (length < sizeof(*udp) || (whole && length > room))
		return AEGIS_DROP_MALFORMED;
	packet->port = udp->dest;
	packet->traits |= PACKET_HAS_PORTS;
	return GO_ON;
}

static __always_inline __u32 parse_sctp(struct cursor *cursor, struct packet *packet, __u32 room)
{
	struct sctp_header *sctp = take(cursor, sizeof(*sctp));

	if (!sctp || room < sizeof(*sctp))
		return AEGIS_DROP_MALFORMED;
	packet->port = sctp->dest;
	packet->traits |= PACKET_HAS_PORTS;
	return GO_ON;
}

static __always_inline __u32 parse_icmp(struct cursor *cursor, struct packet *packet, __u32 room)
{
	struct icmp_header *icmp = take(cursor, sizeof(*icmp));

	if (!icmp || room < sizeof(*icmp))
		return AEGIS_DROP_MALFORMED;
	if (icmp->type == ICMP_DEST_UNREACHABLE && icmp->code == ICMP_FRAGMENTATION_NEEDED)
		packet->traits |= PACKET_TOO_BIG;
	return GO_ON;
}

static __always_inline bool link_local(const struct aegis_address *source)
{
	return source->octet[0] == 0xfe && (source->octet[1] & 0xc0) == 0x80;
}

/* Neighbour discovery counts only as RFC 4861 section 7.1 and RFC 6980 accept it: on-link, in one piece. */
static __always_inline __u32 parse_icmpv6(struct cursor *cursor, struct packet *packet, __u32 room,
					  bool whole, __u8 hop_limit)
{
	struct icmp_header *icmp = take(cursor, sizeof(*icmp));

	if (!icmp || room < sizeof(*icmp))
		return AEGIS_DROP_MALFORMED;
	if (icmp->type == ICMPV6_PACKET_TOO_BIG)
		packet->traits |= PACKET_TOO_BIG;
	if (whole && hop_limit == 255 && icmp->code == 0 && icmp->type >= ICMPV6_ROUTER_SOLICITATION &&
	    icmp->type <= ICMPV6_NEIGHBOUR_ADVERTISEMENT)
		packet->traits |= PACKET_NEIGHBOUR;
	/* RFC 2710 section 3: a snooping switch forgets a host that does not answer these. */
	if (whole && hop_limit == 1 && icmp->type == ICMPV6_LISTENER_QUERY && link_local(&packet->source))
		packet->traits |= PACKET_NEIGHBOUR;
	return GO_ON;
}

/*
 * room: bytes that the IP header says follow it and its extensions. whole: not a fragment, so that
 * lengths within must fit; a first fragment must still hold the transport header (RFC 1858, RFC 7112).
 */
static __always_inline __u32 parse_transport(struct cursor *cursor, struct packet *packet, __u32 room,
					     bool whole, __u8 hop_limit)
{
	if (packet->traits & PACKET_LATER_FRAGMENT)
		return GO_ON;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(cursor, packet, room, whole);
	case IPPROTO_UDP:
		return parse_udp(cursor, packet, room, whole);
	case IPPROTO_SCTP:
		return parse_sctp(cursor, packet, room);
	case IPPROTO_ICMP:
		return packet->family == AEGIS_FAMILY_V4 ? parse_icmp(cursor, packet, room) : GO_ON;
	case IPPROTO_ICMPV6:
		return packet->family == AEGIS_FAMILY_V6
			       ? parse_icmpv6(cursor, packet, room, whole, hop_limit)
			       : GO_ON;
	default:
		return GO_ON;
	}
}

/* offset: of the IP header in the frame. */
static __always_inline __u32 parse_ipv4(struct cursor *cursor, struct packet *packet, __u32 offset)
{
	struct iphdr *ip = take(cursor, sizeof(*ip));
	__u32 header, total, fragment;

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return AEGIS_DROP_MALFORMED;
	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	if (total < header || offset + total > packet->frame_length || !take(cursor, header - sizeof(*ip)))
		return AEGIS_DROP_MALFORMED;

	packet->family = AEGIS_FAMILY_V4;
	packet->protocol = ip->protocol;
	*(__be32 *)packet->source.octet = ip->saddr;
	fragment = bpf_ntohs(ip->frag_off) & (IP_OFFSET | IP_MORE_FRAGMENTS);
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

/* offset: of the IP header in the frame. */
static __always_inline __u32 parse_ipv6(struct xdp_md *context, struct cursor *cursor, struct packet *packet,
					__u32 offset)
{
	struct ipv6hdr *ip = take(cursor, sizeof(*ip));
	__u8 next, hop_limit;
	bool whole = true;
	__u32 room;

	if (!ip || ip->version != 6)
		return AEGIS_DROP_MALFORMED;
	room = bpf_ntohs(ip->payload_len);
	offset += sizeof(*ip);
	if (offset + room > packet->frame_length)
		return AEGIS_DROP_MALFORMED;
	packet->family = AEGIS_FAMILY_V6;
	__builtin_memcpy(&packet->source, &ip->saddr, sizeof(packet->source));
	next = ip->nexthdr;
	hop_limit = ip->hop_limit;

	for (int i = 0; is_extension(next); i++) {
		__u32 extension, length;

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
			whole = false;
		if (extension & EXTENSION_LATER) {
			packet->traits |= PACKET_LATER_FRAGMENT;
			break;
		}
		/* Bounded for the verifier; what lies further is beyond the frame or refused above. */
		cursor->at = (void *)(long)context->data + (offset & 0x7fff);
	}
	packet->protocol = next;
	return parse_transport(cursor, packet, room, whole, hop_limit);
}

/* IEEE 802.1Q table 8-1: 01-80-C2-00-00-0X stays on the link; bonds and switches live by it. */
static __always_inline bool reserved_group(const struct ethhdr *ethernet)
{
	const __u8 *to = ethernet->h_dest;

	return to[0] == 0x01 && to[1] == 0x80 && to[2] == 0xc2 && to[3] == 0 && to[4] == 0 && to[5] < 0x10;
}

/* A reason, or GO_ON with the packet filled in. A global function, so that its paths are verified once. */
__attribute__((noinline)) __u32 parse(struct xdp_md *context, struct packet *packet)
{
	void *start = (void *)(long)context->data;
	struct cursor cursor = {start, (void *)(long)context->data_end};
	struct ethhdr *ethernet = take(&cursor, sizeof(*ethernet));
	__be16 protocol;

	if (!ethernet || !packet)
		return AEGIS_DROP_MALFORMED;
	protocol = ethernet->h_proto;
#pragma unroll
	for (int i = 0; i < VLAN_TAGS; i++) {
		struct vlan_tag *tag;

		if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
			break;
		tag = take(&cursor, sizeof(*tag));
		if (!tag)
			return AEGIS_DROP_MALFORMED;
		protocol = tag->protocol;
	}
	switch (protocol) {
	case bpf_htons(ETH_P_IP):
		return parse_ipv4(&cursor, packet, cursor.at - start);
	case bpf_htons(ETH_P_IPV6):
		return parse_ipv6(context, &cursor, packet, cursor.at - start);
	case bpf_htons(ETH_P_ARP):
		return AEGIS_PASS_ARP;
	default:
		return reserved_group(ethernet) ? AEGIS_PASS_LINK_CONTROL : AEGIS_DROP_NOT_IP;
	}
}

#endif
