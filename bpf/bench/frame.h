/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_BENCH_FRAME_H
#define AEGIS_BENCH_FRAME_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench.h"

#define GLOBAL_VALUE(map)                           \
	({                                          \
		__u32 zero = 0;                     \
		bpf_map_lookup_elem(&(map), &zero); \
	})

/* Bytes of IPv4 and UDP. */
#define BENCH_SHORTEST 28u

/* NULL if the frame is not IPv4. */
static __always_inline struct iphdr *ipv4_of(struct xdp_md *context)
{
	void *end = (void *)(long)context->data_end;
	struct ethhdr *ethernet = (void *)(long)context->data;
	struct iphdr *ip = (void *)(ethernet + 1);

	if ((void *)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return NULL;
	return ip;
}

/* NULL if the frame is not IPv6. */
static __always_inline struct ipv6hdr *ipv6_of(struct xdp_md *context)
{
	void *end = (void *)(long)context->data_end;
	struct ethhdr *ethernet = (void *)(long)context->data;
	struct ipv6hdr *ip = (void *)(ethernet + 1);

	if ((void *)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IPV6))
		return NULL;
	return ip;
}

#endif
