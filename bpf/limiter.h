/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_LIMITER_H
#define AEGIS_LIMITER_H

#include "gcra.h"
#include "maps.h"
#include "packet.h"

/* A v6 host owns its whole /64 and could change address with every packet. */
static __always_inline __u64 limited_source(const struct packet *packet)
{
	if (packet->family == AEGIS_FAMILY_V4)
		return source_v4(packet);
	return *(const __u64 *)packet->source.octet;
}

static __always_inline bool is_over_rate(const struct aegis_config *settings, const struct packet *packet,
					 struct aegis_counters *counts)
{
	__u64 hash = aegis_hash(settings->seed, limited_source(packet), packet->family);
	__u32 index = (__u32)hash & settings->line_mask;
	struct aegis_line *line = bpf_map_lookup_elem(&cells, &index);
	__u32 outcome;

	if (!line)
		return false;
	outcome = aegis_limit(line, &settings->rate, aegis_tag(hash), bpf_ktime_get_ns());
	if (counts && (outcome & AEGIS_SHARED))
		counts->shared++;
	outcome &= AEGIS_OUTCOME_MASK;
	if (counts && outcome == AEGIS_CONTENDED)
		counts->contended++;
	return outcome != AEGIS_CONFORMS;
}

#endif
