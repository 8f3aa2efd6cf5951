/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looks up entries. */
#ifndef AEGIS_LOOKUP_H
#define AEGIS_LOOKUP_H

#include "maps.h"
#include "packet.h"
#include "trace.h"

static __always_inline bool is_live_at(const struct aegis_entry *entry, __u64 boottime)
{
	return !entry->expires || entry->expires > boottime;
}

static __always_inline bool is_live(const struct aegis_entry *entry)
{
	return !entry->expires || is_live_at(entry, boottime_ns());
}

/* Encodes an entry as AEGIS_FOUND. */
static __always_inline __u64 found(const struct aegis_entry *entry)
{
	__u64 what = entry->flags & AEGIS_ENTRY_MONITOR
			     ? AEGIS_FOUND_MONITOR
			     : AEGIS_FOUND | (__u64)entry->rate << AEGIS_FOUND_RATE_SHIFT;

	return what | (__u64)entry->prefix_length << AEGIS_FOUND_LENGTH_SHIFT;
}

/* The rate of the key that was found; 0 is none. */
static __always_inline __u32 rate_found(__u64 found)
{
	return (__u32)found >> AEGIS_FOUND_RATE_SHIFT;
}

static __always_inline void count_hit(struct aegis_entry *entry)
{
	if (!IS_TRACED)
		__sync_fetch_and_add(&entry->hits, 1);
}

/* Looks up the live entry of a map for the key and counts the hit; returns AEGIS_FOUND. */
static __always_inline __u64 look_up(void *map, const void *wanted)
{
	struct aegis_entry *entry = bpf_map_lookup_elem(map, wanted);

	if (!entry || !is_live(entry))
		return 0;
	count_hit(entry);
	return found(entry);
}

/* look_up_longest() returns this where a shorter prefix may decide; look_up_shorter() finds out. */
#define HIDDEN (~0ull)

/* Like look_up(), but in a trie, which returns only the longest prefix. */
static __always_inline __u64 look_up_longest(void *trie, const void *wanted)
{
	struct aegis_entry *longest = bpf_map_lookup_elem(trie, wanted);

	if (!longest)
		return 0;
	if (!is_live(longest) || !(found(longest) & AEGIS_FOUND))
		return HIDDEN;
	count_hit(longest);
	return found(longest);
}

/*
 * An entry that is expired or only monitors hides a shorter one that decides, so this looks for shorter ones.
 * length: of the key, including the `head` bits in front of the address.
 */
static __always_inline __u64 look_up_shorter(void *trie, void *wanted, __u32 *length, __u32 head)
{
	__u64 monitored = 0, now = boottime_ns();

	for (int i = 0; i <= 128; i++) {
		struct aegis_entry *entry = bpf_map_lookup_elem(trie, wanted);

		if (!entry)
			return monitored;
		if (is_live_at(entry, now)) {
			__u64 what = found(entry);

			count_hit(entry);
			if (what & AEGIS_FOUND)
				return what | (monitored & AEGIS_FOUND_MONITOR);
			monitored = what;
		}
		if (!entry->prefix_length)
			return monitored;
		*length = head + entry->prefix_length - 1;
	}
	return monitored;
}

#endif
