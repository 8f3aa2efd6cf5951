/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_RATES_H
#define AEGIS_ABI_RATES_H

#include <linux/types.h>
#include "address.h"

/*
 * GCRA (ITU-T I.371; RFC 2697 has the token-bucket view): the state of a bucket is its theoretical arrival
 * time, TAT. A packet conforms while TAT - now + cost <= depth, or while TAT <= now, whatever it costs. Then
 * it moves it on by its cost, which is interval * (1 or its bytes). A buffer that is cut into many packets
 * later is judged, and charged, as a whole. Ticks are 1 ns, or 2^-8 ns for a rate so fast that a nanosecond
 * is coarse.
 */
#define AEGIS_FINE_SHIFT 8u
#define AEGIS_INTERVAL_SHIFT 16u

enum aegis_rate_flag {
	AEGIS_RATE_FINE = 1 << 0,    /* ticks of 2^-AEGIS_FINE_SHIFT ns */
	AEGIS_RATE_WINDOW = 1 << 1,  /* `amount` in each aligned period instead: the TAT starts at its end */
	AEGIS_RATE_PER_CPU = 1 << 2, /* each CPU has its own bucket, with its share of the rate */
	AEGIS_RATE_BITS = 1 << 3,    /* a rate of bytes was given in bits */
	AEGIS_RATE_MONITOR = 1 << 4, /* a packet that exceeds it is counted as would-drop, and passes */
	AEGIS_RATE_BYTES = 1 << 5,   /* its units are bytes */
};

struct aegis_rate {
	__u64 interval; /* 2^-AEGIS_INTERVAL_SHIFT ticks a packet or byte, rounded up; 0 is unlimited */
	__u64 depth;    /* ticks: burst * interval, of one CPU's share */
	__u64 amount;   /* as the operator gave it: packets, bytes or bits ... */
	__u64 burst;    /* packets or bytes that may come at once, at least 1 */
	__u32 period;   /* ... in this many seconds */
	__u32 flags;    /* enum aegis_rate_flag */
	/* Where in `cells` its buckets are. No other rate uses these lines. Their number is a power of two,
	 * stored less one. */
	__u32 first_line;
	__u32 line_mask;
};

/* Both must conform. */
struct aegis_rule {
	struct aegis_rate packets;
	struct aegis_rate bytes;
};

/*
 * Value of `rate_port`, `rate_prefix`, `total_prefix`, `rate_class` and `key_rate`: the rates for the packets
 * that the key selects. `rate_prefix` has only rates for each source and `total_prefix` only totals;
 * otherwise one kind with a longer prefix would hide the other kind with a shorter prefix.
 */
struct aegis_rates {
	struct aegis_rule source; /* for each source separately */
	struct aegis_rule total;  /* for all of them together */
	__u32 id;                 /* of this selector's buckets; it stays when the rates change */
	__u32 length;             /* of its key in a trie, where a lookup may return a shorter one; else 0 */
};

#define AEGIS_RATE_PORTS 512u
#define AEGIS_RATE_PREFIXES 8192u

/* Size of `key_rate`, whose key is the `rate` of an entry. */
#define AEGIS_KEY_RATES 1024u

/*
 * Key of `rate_port`. Here and in the keys of tries, several ports are the protocol 0 and, in the place of
 * the port, the number of their group.
 */
struct aegis_port {
	__u8 protocol;
	__u8 profile;
	__be16 port;
};

/* Which rules exist besides the default one, so that the datapath looks for no others. */
enum aegis_rate_shape {
	AEGIS_RATE_BY_PREFIX = 1 << 0,
	AEGIS_RATE_BY_PORT = 1 << 1,
	AEGIS_RATE_BY_PORT_AND_PREFIX = 1 << 2,
	AEGIS_TOTAL_BY_PREFIX = 1 << 3,
	AEGIS_TOTAL_BY_PORT_AND_PREFIX = 1 << 4,
	AEGIS_RATE_BY_CLASS = 1 << 5,
};

/*
 * A way is one 64-bit word, so that one compare-and-swap changes all of it:
 * bit 63 the tick is fine, bits 62-48 the tag (never 0), bits 47-0 the TAT modulo 2^48 ticks.
 * A word of 0, or a TAT that has passed, is a free way: an absent source has no debt.
 */
#define AEGIS_TAT_BITS 48u
#define AEGIS_TAT_MASK ((1ULL << AEGIS_TAT_BITS) - 1)
#define AEGIS_WAY_FINE (1ULL << 63)
#define AEGIS_TAG_MASK 0x7fffULL

/* A TAT lies at most this many ticks ahead, for a clock that is not late; one far beyond has wrapped.
 * depth <= this. */
#define AEGIS_TAT_HORIZON (1ULL << 46)

/* ns: the horizon in fine ticks. A line that was not scrubbed in this epoch may hold wrapped TATs. */
#define AEGIS_EPOCH_SHIFT (46u - AEGIS_FINE_SHIFT)

#define AEGIS_WAYS 6u

/*
 * Value of `cells`: a set, one cache line, with buckets of one rate only. What a flood leaves in the lines of
 * its rate, in the ways or in the shared word, never affects a packet of another rate.
 */
struct aegis_line {
	__u64 epoch;                /* now >> AEGIS_EPOCH_SHIFT when TATs that had passed were last zeroed */
	__u64 word[1 + AEGIS_WAYS]; /* AEGIS_SHARED_WORD, then the ways */
};

/* The bucket of all sources that find no way free. */
#define AEGIS_SHARED_WORD 0u

/* Key of `offenders`. */
struct aegis_offender_key {
	struct aegis_address source; /* masked as the limiter saw it */
	__u32 rates;                 /* id of the rates it exceeded */
	__u32 family;                /* enum aegis_family */
};

/* One in this many dropped packets is noted, so that a flood cannot make this expensive. */
#define AEGIS_OFFENDER_SAMPLE 64u
#define AEGIS_OFFENDERS 1024u

/* Value of `offenders`. The least recently noted ones are evicted. */
struct aegis_offender {
	__u64 packets; /* dropped, an estimate: samples * AEGIS_OFFENDER_SAMPLE */
	__u64 first;   /* ns of CLOCK_BOOTTIME */
	__u64 last;
};

_Static_assert(sizeof(struct aegis_rate) == 48, "ABI");
_Static_assert(sizeof(struct aegis_rates) == 200, "ABI");
_Static_assert(sizeof(struct aegis_line) == 64, "ABI");
_Static_assert(sizeof(struct aegis_offender_key) == 24, "ABI");

#endif
