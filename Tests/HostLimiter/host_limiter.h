/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The datapath's own limiter, compiled for the host, where a test can turn the clock. */
#ifndef HOST_LIMITER_H
#define HOST_LIMITER_H

#include "gcra.h"

static inline __u32 host_limit(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag, __u64 now,
			       __u64 units)
{
	return aegis_limit(line, rate, tag, now, aegis_cost(rate, units));
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
