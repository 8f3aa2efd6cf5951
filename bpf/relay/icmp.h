/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Path MTU discovery through the relay (RFC 1191, RFC 8201). */
#ifndef AEGIS_RELAY_ICMP_H
#define AEGIS_RELAY_ICMP_H

#include "rewrite.h"

#define ICMP_HOPS 64

/* The beginnings of the packet that was too long follow the header of ICMP. */
struct error_v4 {
	struct icmp_header icmp;
	struct iphdr ip;
	struct udphdr udp;
};

struct error_v6 {
	struct icmp_header icmp;
	struct ipv6hdr ip;
	struct udphdr udp;
};

/* size: a multiple of 4. */
static __always_inline __u64 sum_words(const void *start, __u32 size)
{
	const __u32 *word = start;
	__u64 sum = 0;

#pragma unroll
	for (__u32 i = 0; i < size / 4; i++)
		sum += word[i];
	return sum;
}

/* Bytes that a packet may have, in the last two (IPv4) or all of the four bytes (IPv6). */
static __always_inline __u32 mtu_of(const struct icmp_header *icmp, bool is_v6)
{
	return is_v6 ? bpf_ntohl(icmp->rest) : bpf_ntohl(icmp->rest) & 0xffff;
}

static __always_inline __be32 more_mtu(const struct icmp_header *icmp, bool is_v6)
{
	__u32 mtu = mtu_of(icmp, is_v6);

	/* 0: a router of before RFC 1191 says no MTU. */
	return mtu && mtu <= 0xffff - HEADER_LENGTH ? bpf_htonl(mtu + HEADER_LENGTH) : icmp->rest;
}

/*
 * Sends an error about a packet to a destination on to the client, as one about the packet that the client
 * sent. leaving: its source is the client, with its port, and its destination the relay.
 */
static __always_inline bool translate_v4(struct aegis_frame *frame, const struct leaving *leaving,
					 const struct aegis_relay_hop *hop)
{
	void *start = frame_start(frame);
	struct iphdr *ip = start + LINK_LENGTH;
	struct error_v4 *error = (void *)(ip + 1), changed;
	__be32 client = *(const __be32 *)&leaving->source;
	__u64 before;

	if ((void *)(error + 1) > frame_end(frame))
		return false;
	ip->check = changed_checksum(ip->check, less((__u64)ip->daddr + 1, 1) + client);
	ip->daddr = client;
	ip->ttl--;
	changed = *error;
	before = sum_words(&changed, sizeof(changed));
	changed.icmp.rest = more_mtu(&changed.icmp, false);
	changed.ip.check = changed_checksum(
		changed.ip.check, less((__u64)changed.ip.saddr + changed.ip.daddr + changed.ip.tot_len, 3) +
					  client + *(const __be32 *)&leaving->destination +
					  bpf_htons(bpf_ntohs(changed.ip.tot_len) + HEADER_LENGTH));
	changed.ip.tot_len = bpf_htons(bpf_ntohs(changed.ip.tot_len) + HEADER_LENGTH);
	changed.ip.saddr = client;
	changed.ip.daddr = *(const __be32 *)&leaving->destination;
	changed.udp.source = leaving->source_port;
	changed.udp.dest = leaving->destination_port;
	changed.udp.len = bpf_htons(bpf_ntohs(changed.udp.len) + HEADER_LENGTH);
	changed.icmp.checksum =
		changed_checksum(changed.icmp.checksum,
				 less(before, sizeof(changed) / 4) + sum_words(&changed, sizeof(changed)));
	*error = changed;
	set_link(start, hop, bpf_htons(ETH_P_IP));
	return true;
}

static __always_inline bool translate_v6(struct aegis_frame *frame, const struct leaving *leaving,
					 const struct aegis_relay_hop *hop)
{
	void *start = frame_start(frame);
	struct ipv6hdr *ip = start + LINK_LENGTH;
	struct error_v6 *error = (void *)(ip + 1), changed;
	__u64 before;

	if ((void *)(error + 1) > frame_end(frame))
		return false;
	changed = *error;
	before = sum_words(&changed, sizeof(changed)) + sum_v6(&ip->daddr);
	__builtin_memcpy(&ip->daddr, &leaving->source, sizeof(ip->daddr));
	ip->hop_limit--;
	changed.icmp.rest = more_mtu(&changed.icmp, true);
	changed.ip.payload_len = bpf_htons(bpf_ntohs(changed.ip.payload_len) + HEADER_LENGTH);
	__builtin_memcpy(&changed.ip.saddr, &leaving->source, sizeof(changed.ip.saddr));
	__builtin_memcpy(&changed.ip.daddr, &leaving->destination, sizeof(changed.ip.daddr));
	changed.udp.source = leaving->source_port;
	changed.udp.dest = leaving->destination_port;
	changed.udp.len = bpf_htons(bpf_ntohs(changed.udp.len) + HEADER_LENGTH);
	changed.icmp.checksum =
		changed_checksum(changed.icmp.checksum, less(before, sizeof(changed) / 4 + 4) +
								sum_words(&changed, sizeof(changed)) +
								sum_v6(&leaving->source));
	*error = changed;
	set_link(start, hop, bpf_htons(ETH_P_IPV6));
	return true;
}

static __always_inline void answer_link(struct ethhdr *link)
{
	__u8 from[ETH_ALEN];

	__builtin_memcpy(from, link->h_source, sizeof(from));
	__builtin_memcpy(link->h_source, link->h_dest, sizeof(from));
	__builtin_memcpy(link->h_dest, from, sizeof(from));
}

/* Turns a packet that is too long into the error about it, which is shorter. Returns the XDP action. */
static __always_inline int refuse_v4(struct aegis_frame *frame, __u32 mtu)
{
	void *start = frame_start(frame);
	struct iphdr *ip = start + LINK_LENGTH;
	struct error_v4 *error = (void *)(ip + 1), made = {};
	__u64 length = LINK_LENGTH + sizeof(*ip) + sizeof(made);
	__be32 to;

	/* Without DF nobody asks for it (RFC 1191 section 3). */
	if ((void *)(error + 1) > frame_end(frame) || !(ip->frag_off & bpf_htons(0x4000)))
		return XDP_DROP;
	made.ip = *ip;
	made.udp = *(struct udphdr *)(ip + 1);
	made.icmp.type = ICMP_DEST_UNREACHABLE;
	made.icmp.code = ICMP_FRAGMENTATION_NEEDED;
	made.icmp.rest = bpf_htonl(mtu & 0xffff);
	made.icmp.checksum = ~fold(sum_words(&made, sizeof(made)));
	*error = made;
	to = ip->saddr;
	*ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = ICMP_HOPS, .protocol = IPPROTO_ICMP};
	ip->saddr = made.ip.daddr;
	ip->daddr = to;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(made));
	ip->check = ~fold((__u64)ip->saddr + ip->daddr + ip->tot_len + bpf_htons(0x4500) +
			  bpf_htons(ICMP_HOPS << 8 | IPPROTO_ICMP));
	answer_link(start);
	return bpf_xdp_adjust_tail(frame, (int)length - (int)frame_size(frame))
		       ? XDP_DROP
		       : bpf_redirect(frame_interface(frame), 0);
}

static __always_inline int refuse_v6(struct aegis_frame *frame, __u32 mtu)
{
	void *start = frame_start(frame);
	struct ipv6hdr *ip = start + LINK_LENGTH;
	struct error_v6 *error = (void *)(ip + 1), made = {};
	__u64 length = LINK_LENGTH + sizeof(*ip) + sizeof(made);

	if ((void *)(error + 1) > frame_end(frame))
		return XDP_DROP;
	made.ip = *ip;
	made.udp = *(struct udphdr *)(ip + 1);
	made.icmp.type = ICMPV6_PACKET_TOO_BIG;
	made.icmp.rest = bpf_htonl(mtu);
	made.icmp.checksum =
		~fold(sum_words(&made, sizeof(made)) + sum_v6(&made.ip.saddr) + sum_v6(&made.ip.daddr) +
		      bpf_htonl(sizeof(made)) + bpf_htonl(IPPROTO_ICMPV6));
	*error = made;
	*ip = (struct ipv6hdr){.version = 6, .nexthdr = IPPROTO_ICMPV6, .hop_limit = ICMP_HOPS};
	ip->payload_len = bpf_htons(sizeof(made));
	ip->saddr = made.ip.daddr;
	ip->daddr = made.ip.saddr;
	answer_link(start);
	return bpf_xdp_adjust_tail(frame, (int)length - (int)frame_size(frame))
		       ? XDP_DROP
		       : bpf_redirect(frame_interface(frame), 0);
}

#endif
