// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts the packets of each second, and drops those beyond the rate. */
#include "reference.h"

struct window {
	__u64 start; /* ns */
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __be32);
	__type(value, struct window);
} table SEC(".maps");

static __always_inline bool is_over(const struct bench_settings *limit, __be32 source, __u64 now)
{
	struct window *window = bpf_map_lookup_elem(&table, &source);

	if (!window) {
		struct window first = {.start = now, .packets = 1};

		bpf_map_update_elem(&table, &source, &first, BPF_ANY);
		return false;
	}
	if (now - window->start >= SECOND) {
		window->start = now;
		window->packets = 0;
	}
	return __sync_fetch_and_add(&window->packets, 1) >= limit->rate;
}
