/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The differences in layouts up to 3: the buckets of all rates were in the same lines, all of `cells`, so a
 * rate did not record where. Their `event_filter` began with such a rate.
 */
#ifndef AEGIS_PAST_ABI3_H
#define AEGIS_PAST_ABI3_H

#include "abi4.h"

#define AEGIS3_LAYOUT 5745003425158658658ull /* of `meta` */

struct aegis3_rate {
	__u64 word[5]; /* the first of aegis_rate */
};

struct aegis3_rates {
	struct aegis3_rate source_packets;
	struct aegis3_rate source_bytes;
	struct aegis3_rate total_packets;
	struct aegis3_rate total_bytes;
	__u32 id;
	__u32 length;
};

struct aegis3_config {
	struct aegis3_rates rates;
	struct aegis_address mask_v4;
	struct aegis_address mask_v6;
	__u64 seed[3];
	__u64 next_expiry;
	__u32 stages;
	__u32 line_mask;
	__u16 key_shapes;
	__u16 protect_shapes;
	__u32 rate_shapes;
	__u64 deadline;
	__u64 survey_until;
};

_Static_assert(__builtin_offsetof(struct aegis_rate, first_line) == sizeof(struct aegis3_rate), "ABI 3");
_Static_assert(sizeof(struct aegis3_rates) == 168, "ABI 3");
_Static_assert(sizeof(struct aegis3_config) == 264, "ABI 3");

#endif
