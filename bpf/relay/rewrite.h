/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Changes a packet for its next hop. Checksums are changed by the difference (RFC 1624), so that an error
 * that happened before stays one.
 */
#ifndef AEGIS_RELAY_REWRITE_H
#define AEGIS_RELAY_REWRITE_H

#include "hop.h"
#include "token.h"

/* A sum of words of 16 bits; it may be taken of longer words, and is folded in the end. */
static __always_inline __u64 sum_v6(const void *address)
{
	const __u32 *word = address;

	return (__u64)word[0] + word[1] + word[2] + word[3];
}

/* What takes a sum away again, of at most so many words of 32 bits. */
static __always_inline __u64 less(__u64 sum, __u64 words)
{
	return words * 0xffffffffull - sum;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static __always_inline __u16 changed_checksum(__u16 checksum, __u64 difference)
{
	return ~fold((__u16)~checksum + difference);
}

/* That of UDP; 0 means that there is none. */
static __always_inline __u16 changed_udp_checksum(__u16 checksum, __u64 difference)
{
	__u16 changed = changed_checksum(checksum, difference);

	return checksum ? changed ?: 0xffff : 0;
}

/* What the removed header was to a checksum, taken away. */
static __always_inline __u64 less_header(const struct token *token)
{
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < 4; i++)
		sum += (token->word[i] & 0xffffffff) + (token->word[i] >> 32);
	return less(sum, 8);
}

/* Ports, and a length that is in the header and the pseudo header. */
static __always_inline __u64 change_udp_header(struct udphdr *udp, const struct leaving *leaving, __u16 cut)
{
	__be16 length = bpf_htons(bpf_ntohs(udp->len) - cut);
	__u64 old = (__u64)udp->source + udp->dest + 2 * (__u64)udp->len;

	udp->source = leaving->source_port;
	udp->dest = leaving->destination_port;
	udp->len = length;
	return less(old, 1) + udp->source + udp->dest + 2 * (__u64)length;
}

/* cut: bytes that are removed from the payload; difference: what their removal is to the checksum. */
static __always_inline void change_v4(struct iphdr *ip, struct udphdr *udp, const struct leaving *leaving,
				      __u16 cut, __u64 difference)
{
	__be32 source = *(const __be32 *)&leaving->source,
	       destination = *(const __be32 *)&leaving->destination;
	__u64 addresses = less((__u64)ip->saddr + ip->daddr, 2) + source + destination;
	__be16 length = bpf_htons(bpf_ntohs(ip->tot_len) - cut);

	/* The TTL is the first byte of its word. */
	ip->check = changed_checksum(ip->check, addresses + less((__u64)ip->tot_len + 1, 1) + length);
	ip->tot_len = length;
	ip->ttl--;
	ip->saddr = source;
	ip->daddr = destination;
	difference += change_udp_header(udp, leaving, cut);
	udp->check = changed_udp_checksum(udp->check, addresses + difference);
}

static __always_inline void change_v6(struct ipv6hdr *ip, struct udphdr *udp, const struct leaving *leaving,
				      __u16 cut, __u64 difference)
{
	__u64 addresses = less(sum_v6(&ip->saddr) + sum_v6(&ip->daddr), 8) + sum_v6(&leaving->source) +
			  sum_v6(&leaving->destination);

	ip->payload_len = bpf_htons(bpf_ntohs(ip->payload_len) - cut);
	ip->hop_limit--;
	__builtin_memcpy(&ip->saddr, &leaving->source, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, &leaving->destination, sizeof(ip->daddr));
	difference += change_udp_header(udp, leaving, cut);
	udp->check = changed_udp_checksum(udp->check, addresses + difference);
}

static __always_inline void set_link(struct ethhdr *link, const struct aegis_relay_hop *hop, __be16 protocol)
{
	__builtin_memcpy(link->h_dest, hop->to, sizeof(link->h_dest));
	__builtin_memcpy(link->h_source, hop->from, sizeof(link->h_source));
	link->h_proto = protocol;
}

/*
 * Changes the headers and moves them over the header of the client, which is `cut` bytes (or 0). They are
 * read before they are written, because both places overlap.
 */
static __always_inline bool rewrite_v4(struct aegis_frame *frame, const struct leaving *leaving,
				       const struct aegis_relay_hop *hop, __u32 cut, __u64 difference)
{
	void *start = frame_start(frame);
	struct iphdr *ip = start + LINK_LENGTH, changed;
	struct udphdr *udp = (void *)(ip + 1), changed_udp;

	if ((void *)(udp + 1) + cut > frame_end(frame))
		return false;
	changed = *ip;
	changed_udp = *udp;
	change_v4(&changed, &changed_udp, leaving, cut, difference);
	*(struct udphdr *)((void *)udp + cut) = changed_udp;
	*(struct iphdr *)((void *)ip + cut) = changed;
	set_link(start + cut, hop, bpf_htons(ETH_P_IP));
	return !cut || !bpf_xdp_adjust_head(frame, cut);
}

static __always_inline bool rewrite_v6(struct aegis_frame *frame, const struct leaving *leaving,
				       const struct aegis_relay_hop *hop, __u32 cut, __u64 difference)
{
	void *start = frame_start(frame);
	struct ipv6hdr *ip = start + LINK_LENGTH, changed;
	struct udphdr *udp = (void *)(ip + 1), changed_udp;

	if ((void *)(udp + 1) + cut > frame_end(frame))
		return false;
	changed = *ip;
	changed_udp = *udp;
	change_v6(&changed, &changed_udp, leaving, cut, difference);
	*(struct udphdr *)((void *)udp + cut) = changed_udp;
	*(struct ipv6hdr *)((void *)ip + cut) = changed;
	set_link(start + cut, hop, bpf_htons(ETH_P_IPV6));
	return !cut || !bpf_xdp_adjust_head(frame, cut);
}

/* XDP_TX would do for the same interface, but a veth delivers that only to XDP (veth_xdp_flush). */
static __always_inline int send_to(const struct aegis_relay_hop *hop)
{
	return bpf_redirect(hop->ifindex, 0);
}

#endif
