/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The token bucket as it is usually published: whole tokens, added when there are any, without a lock. */
#ifndef AEGIS_BENCH_BUCKET_H
#define AEGIS_BENCH_BUCKET_H

#include "reference.h"

struct bucket {
	__u64 tokens;
	__u64 filled; /* ns */
};

struct {
	__uint(type, BUCKET_MAP_TYPE);
	__uint(max_entries, 1);
	__type(key, __be32);
	__type(value, struct bucket);
} table SEC(".maps");

static __always_inline bool is_over(const struct bench_settings *limit, __be32 source, __u64 now)
{
	struct bucket *bucket = bpf_map_lookup_elem(&table, &source);
	__u64 fresh;

	if (!bucket) {
		struct bucket first = {.tokens = limit->burst - 1, .filled = now};

		bpf_map_update_elem(&table, &source, &first, BPF_ANY);
		return false;
	}
	fresh = (now - bucket->filled) * limit->rate / SECOND;
	if (fresh) {
		__u64 tokens = bucket->tokens + fresh;

		bucket->tokens = tokens < limit->burst ? tokens : limit->burst;
		bucket->filled = now;
	}
	if (!bucket->tokens)
		return true;
	bucket->tokens--;
	return false;
}

#endif
