/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The datapath's own limiter, compiled for the host, where a test can turn the clock. */
#ifndef HOST_LIMITER_H
#define HOST_LIMITER_H

#include "gcra.h"

static inline __u32 host_limit(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag, __u64 now,
			       __u64 units)
{
	/* A hash with that tag, whose home differs from tag to tag, and from the first way that is free. */
	__u64 hash = tag << 49 | (tag * 0x9e37 & 0xffff) << 33;

	return aegis_limit_quick(line, rate, hash, now, aegis_cost(rate, units));
}

static inline __u64 host_cost(const struct aegis_rate *rate, __u64 units)
{
	return aegis_cost(rate, units);
}

static inline __u32 host_would_exceed(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag,
				      __u64 now, __u64 units)
{
	return aegis_would_exceed(line, rate, tag, now, aegis_cost(rate, units));
}

#endif
