/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The interface between aegis-bench and its BPF programs. Host byte order, ns of CLOCK_MONOTONIC. */
#ifndef AEGIS_BENCH_H
#define AEGIS_BENCH_H

#include <linux/types.h>

#define BENCH_INTERVAL_SHIFT 10u

/* The one value of `workload`: which packets to send. */
struct bench_workload {
	__u64 interval;    /* 2^-BENCH_INTERVAL_SHIFT ns between packets of one CPU; 0: no pause */
	__u64 start;       /* ns, from which `sent` counts */
	__u32 first;       /* source address */
	__u32 sources;     /* number of sources, from the first on */
	__u32 heavy_mask;  /* packets whose number has none of these bits are from address first - 1 */
	__u32 heavy_after; /* but not before this many packets */
	__u32 interface;   /* where live frames are sent */
	__u32 sum;         /* of the IPv4 header without source and checksum, in wire order */
	__u32 in_turn;     /* 1: one source after the other; 0: at random */
	__u32 is_stamped;  /* whether to note when packets were sent */
	__u32 is_varied;   /* whether ports, TTL, TOS and length are random too, see vary() */
	__u32 pad;
};

/* Value of `sender`, per CPU. */
struct bench_sender {
	__u64 random;
	__u64 packets; /* sent */
	__u64 due;     /* like `interval`: when the next packet is due */
	__u64 first;   /* ns; 0 before the first packet */
	__u64 last;
};

/* Rules that are asked one after the other. */
#define BENCH_RULES 256u

enum bench_asks {
	BENCH_SOURCE_PORT = 1 << 0,
	BENCH_PORT = 1 << 1,
	BENCH_LENGTH = 1 << 2, /* of the IP packet */
	BENCH_PROTOCOL = 1 << 3,
	BENCH_HOP_LIMIT = 1 << 4,
	BENCH_DSCP = 1 << 5,
	BENCH_FROM = 1 << 6,
	BENCH_TO = 1 << 7,
};

struct bench_range {
	__u16 first;
	__u16 last;
};

/* Value of `rules`; the first one that asks for nothing ends them. */
struct bench_rule {
	__u32 asks; /* enum bench_asks */
	struct bench_range source_port;
	struct bench_range port;
	struct bench_range length;
	struct bench_range hop_limit;
	__u32 from;
	__u32 from_mask;
	__u32 to;
	__u32 to_mask;
	__u8 protocol;
	__u8 dscp;
	__u16 pad;
};

/* The one value of `settings`: what the reference limiters allow each source. */
struct bench_settings {
	__u64 rate; /* packets a second */
	__u64 burst;
	__u64 seed[3];
	__u32 line_mask; /* of the set-associative table */
	__u32 pad;
};

/* The one value of `tally`, per CPU. */
struct bench_tally {
	__u64 passed;
	__u64 dropped;
};

/* `sent`, per CPU, and `seen`: packets sent, and packets that passed the limiter, by ms since the start. */
#define BENCH_MS 16384u

/* `histogram`, per CPU: ns, 16 buckets per octave, so that a bucket is at most 1/16 wide. */
#define BENCH_BUCKETS_SHIFT 4u
#define BENCH_BUCKETS 1024u

/* Bytes of Ethernet, IPv4 and UDP. */
#define BENCH_HEADERS 42u

/* The one value of `request`: what is sent before a token, and where to. */
struct bench_request {
	__u32 interface;
	__u8 headers[BENCH_HEADERS];
	__u8 pad[2];
};

/* Value of `tokens`, for one packet each: struct aegis_relay_header as words. */
struct bench_token {
	__u64 word[4];
};

/* So many packets can be sent, each with a token of its own. */
#define BENCH_TOKENS (1u << 21)

#endif
