// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Answers A2S_INFO, a query of game servers (developer.valvesoftware.com/wiki/Server_queries), with a
 * challenge. Only who has got it, and so did not forge the address, reaches the server. The answer is shorter
 * than the request. README.md says how to set the secret; until then all packets pass.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "aegis-hook.h"

#define QUERY "\xff\xff\xff\xffTSource Engine Query" /* and a zero */
#define ANSWER_PAYLOAD 9                             /* FF FF FF FF 'A' and the challenge */

struct secret {
	__u64 half[2];
};

struct request {
	__u8 query[sizeof(QUERY)];
	__u8 challenge[4]; /* it may lack */
};

/* What follows IP. With the zeros behind the payload no frame is shorter than 60 bytes. */
struct answer {
	struct udphdr udp;
	__u8 start[5];
	__u8 challenge[4];
	__u8 zeros[11];
} __attribute__((packed));

/* Of `zeros` two only fill the structure up, for its checksum. */
#define ANSWER_SIZE (sizeof(struct answer) - 2)

struct addresses {
	__u8 destination[ETH_ALEN];
	__u8 source[ETH_ALEN];
};

/* Pinned by its name, so that an exchange of the program keeps the secret. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, struct secret);
} query_secret SEC(".maps");

static __always_inline __u64 rotate(__u64 word, __u32 by)
{
	return word << by | word >> (64 - by);
}

static __always_inline void mix(__u64 v[4], int rounds)
{
#pragma unroll
	for (int i = 0; i < rounds; i++) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

/* SipHash-2-4 of the address and the port of the client: 18 bytes, with the secret as its key. */
static __always_inline __u32 challenge_for(const struct aegis_hook_packet *packet,
					   const struct secret *secret)
{
	__u64 words[3] = {0, 0, (__u64)18 << 56 | packet->source_port};
	__u64 v[4] = {
		secret->half[0] ^ 0x736f6d6570736575ull,
		secret->half[1] ^ 0x646f72616e646f6dull,
		secret->half[0] ^ 0x6c7967656e657261ull,
		secret->half[1] ^ 0x7465646279746573ull,
	};
	__u32 challenge;

	__builtin_memcpy(words, packet->source, sizeof(packet->source));
#pragma unroll
	for (int i = 0; i < 3; i++) {
		v[3] ^= words[i];
		mix(v, 2);
		v[0] ^= words[i];
	}
	v[2] ^= 0xff;
	mix(v, 4);
	challenge = v[0] ^ v[1] ^ v[2] ^ v[3];
	/* All ones asks for a challenge. */
	return challenge == 0xffffffff ? 0 : challenge;
}

/* Whether it is an A2S_INFO request. Loads it, and says in `has_challenge` whether it brings a challenge. */
static __always_inline bool load_request(struct xdp_md *ctx, const struct aegis_hook_packet *packet,
					 struct request *request, bool *has_challenge)
{
	__u32 end = (__u32)packet->network + packet->length;

	*has_challenge = false;
	if (packet->protocol != IPPROTO_UDP || !packet->payload || (packet->flags & AEGIS_HOOK_FRAGMENT))
		return false;
	if (packet->payload + sizeof(request->query) > end ||
	    bpf_xdp_load_bytes(ctx, packet->payload, request->query, sizeof(request->query)))
		return false;
#pragma unroll
	for (__u32 i = 0; i < sizeof(request->query); i++) {
		if (request->query[i] != (__u8)QUERY[i])
			return false;
	}
	*has_challenge = packet->payload + sizeof(*request) <= end &&
			 !bpf_xdp_load_bytes(ctx, packet->payload + sizeof(request->query),
					     request->challenge, sizeof(request->challenge));
	return true;
}

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* An address that is swapped leaves the sum of the pseudo header as it is. */
static __always_inline __u16 udp_checksum(const struct aegis_hook_packet *packet, struct answer *answer)
{
	__be32 rest = bpf_htonl((IPPROTO_UDP << 16) + sizeof(struct udphdr) + ANSWER_PAYLOAD);
	__u16 checksum;
	__s64 sum;

	/* Behind an IPv4 address in its 16 bytes there are zeros. */
	sum = bpf_csum_diff(NULL, 0, (__be32 *)packet->source,
			    sizeof(packet->source) + sizeof(packet->destination), 0);
	sum = bpf_csum_diff(NULL, 0, &rest, sizeof(rest), sum);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)answer, sizeof(*answer), sum);
	checksum = fold(sum);
	return checksum ? checksum : 0xffff;
}

static __always_inline bool write_ipv4(struct xdp_md *ctx, __u32 offset)
{
	struct iphdr ip;
	__be32 source;

	if (bpf_xdp_load_bytes(ctx, offset, &ip, sizeof(ip)))
		return false;
	source = ip.saddr;
	ip.saddr = ip.daddr;
	ip.daddr = source;
	ip.tos = 0;
	ip.tot_len = bpf_htons(sizeof(ip) + sizeof(struct udphdr) + ANSWER_PAYLOAD);
	ip.id = 0;
	ip.frag_off = bpf_htons(0x4000); /* do not fragment */
	ip.ttl = 64;
	ip.check = 0;
	ip.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&ip, sizeof(ip), 0));
	return !bpf_xdp_store_bytes(ctx, offset, &ip, sizeof(ip));
}

static __always_inline bool write_ipv6(struct xdp_md *ctx, __u32 offset)
{
	struct in6_addr source;
	struct ipv6hdr ip;

	if (bpf_xdp_load_bytes(ctx, offset, &ip, sizeof(ip)))
		return false;
	source = ip.saddr;
	ip.saddr = ip.daddr;
	ip.daddr = source;
	ip.payload_len = bpf_htons(sizeof(struct udphdr) + ANSWER_PAYLOAD);
	ip.hop_limit = 64;
	return !bpf_xdp_store_bytes(ctx, offset, &ip, sizeof(ip));
}

/* Makes the answer of the frame. VLAN tags stay, so it goes where the request came from. */
static __always_inline bool write_answer(struct xdp_md *ctx, const struct aegis_hook_packet *packet,
					 const struct addresses *ethernet, __u32 challenge)
{
	struct addresses swapped;
	struct answer answer = {
		.udp.source = packet->destination_port,
		.udp.dest = packet->source_port,
		.udp.len = bpf_htons(sizeof(struct udphdr) + ANSWER_PAYLOAD),
		.start = {0xff, 0xff, 0xff, 0xff, 'A'},
	};

	__builtin_memcpy(answer.challenge, &challenge, sizeof(challenge));
	answer.udp.check = udp_checksum(packet, &answer);
	__builtin_memcpy(swapped.destination, ethernet->source, ETH_ALEN);
	__builtin_memcpy(swapped.source, ethernet->destination, ETH_ALEN);
	/* It only shortens: the request has 33 bytes behind IP, the answer 26. */
	if (bpf_xdp_adjust_tail(ctx, (int)(packet->transport + ANSWER_SIZE) - (int)bpf_xdp_get_buff_len(ctx)))
		return false;
	if (bpf_xdp_store_bytes(ctx, 0, &swapped, sizeof(swapped)) ||
	    bpf_xdp_store_bytes(ctx, packet->transport, &answer, ANSWER_SIZE))
		return false;
	return packet->family == 4 ? write_ipv4(ctx, packet->network) : write_ipv6(ctx, packet->network);
}

SEC("xdp.frags")
int query(struct xdp_md *ctx)
{
	const struct aegis_hook_packet *packet = aegis_packet();
	struct addresses ethernet;
	struct secret *secret;
	struct request request;
	bool has_challenge;
	__u32 zero = 0, challenge;

	secret = bpf_map_lookup_elem(&query_secret, &zero);
	if (!packet || !secret || !(secret->half[0] | secret->half[1]))
		return aegis_finish(ctx, AEGIS_HOOK_PASS);
	if (!load_request(ctx, packet, &request, &has_challenge))
		return aegis_finish(ctx, AEGIS_HOOK_PASS);
	challenge = challenge_for(packet, secret);
	if (has_challenge && !__builtin_memcmp(request.challenge, &challenge, sizeof(challenge)))
		return aegis_finish(ctx, AEGIS_HOOK_PASS);

	/* A group has no address to answer from: such requests look for servers in the own network. */
	if (bpf_xdp_load_bytes(ctx, 0, &ethernet, sizeof(ethernet)) || (ethernet.destination[0] & 1))
		return aegis_finish(ctx, AEGIS_HOOK_PASS);
	/* An answer to IP options or extension headers would have to be without them. */
	if (packet->transport !=
	    packet->network + (packet->family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)))
		return aegis_finish(ctx, AEGIS_HOOK_DROP);
	/* In this mode the packet goes to the server, so it must stay as it is. */
	if (packet->flags & AEGIS_HOOK_MONITOR)
		return aegis_finish(ctx, AEGIS_HOOK_REPLY);
	if (!write_answer(ctx, packet, &ethernet, challenge))
		return aegis_finish(ctx, AEGIS_HOOK_DROP);
	return aegis_finish(ctx, AEGIS_HOOK_REPLY);
}

char _license[] SEC("license") = "Dual BSD/GPL";
