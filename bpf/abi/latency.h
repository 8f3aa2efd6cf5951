/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_LATENCY_H
#define AEGIS_ABI_LATENCY_H

#include <linux/types.h>

/*
 * A log-linear histogram of ns: below 2 << SHIFT each value has a bucket, then each octave has 1 << SHIFT
 * buckets. With log = floor(log2(ns | 1 << SHIFT)) - SHIFT, the bucket is (log << SHIFT) + (ns >> log). The
 * last bucket also holds everything longer.
 */
#define AEGIS_LATENCY_SHIFT 6u
#define AEGIS_LATENCY_OCTAVES 18u
#define AEGIS_LATENCY_BUCKETS ((AEGIS_LATENCY_OCTAVES + 2) << AEGIS_LATENCY_SHIFT)

/* Value of `latency`, by enum aegis_action: the sum of all measurements. It only grows. */
struct aegis_latency {
	__u64 packets;
	__u64 ns; /* of all of them */
	__u64 least;
	__u64 most;
	__u64 bucket[AEGIS_LATENCY_BUCKETS];
};

_Static_assert(sizeof(struct aegis_latency) == 8 * (4 + AEGIS_LATENCY_BUCKETS), "ABI");

#endif
