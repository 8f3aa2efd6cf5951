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

/* Judges a packet of a source, or its 100 bytes, in the line that the datapath finds for it. `id` is as
 * limiter.h makes it. */
static inline __u32 host_judge(struct aegis_line *cells, const struct aegis_rate *rate, const __u64 seed[3],
			       __u64 source, __u32 id, __u64 now)
{
	__u64 hash = aegis_hash(seed, source, 0, id), units = id & 1 ? 100 : 1;
	__u32 index = aegis_line_index(rate, id & 2 ? 0 : (__u32)hash);

	return aegis_limit_quick(&cells[index], rate, hash, now, aegis_cost(rate, units));
}

/* The same of never-seen sources, a packet each, evenly from `start` on. */
static inline void host_flood(struct aegis_line *cells, const struct aegis_rate *rate, const __u64 seed[3],
			      __u64 first, __u64 count, __u32 id, __u64 start, __u64 gap)
{
	for (__u64 i = 0; i < count; i++)
		host_judge(cells, rate, seed, first + i, id, start + i * gap);
}

#endif
