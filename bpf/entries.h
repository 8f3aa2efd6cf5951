/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ENTRIES_H
#define AEGIS_ENTRIES_H

#include "maps.h"
#include "packet.h"
#include "trial.h"

static __always_inline bool live(const struct aegis_entry *entry)
{
	return !entry->expires || entry->expires > boottime_ns();
}

/* As AEGIS_FOUND. */
static __always_inline __u64 found(const struct aegis_entry *entry)
{
	__u64 what = entry->flags & AEGIS_ENTRY_MONITOR
			     ? AEGIS_FOUND_MONITOR
			     : AEGIS_FOUND | (__u64)entry->rate << AEGIS_FOUND_RATE_SHIFT;

	return what | (__u64)entry->prefix_length << AEGIS_FOUND_LENGTH_SHIFT;
}

/* The rate of a key, 0 is none. */
static __always_inline __u32 rate_found(__u64 found)
{
	return (__u32)found >> AEGIS_FOUND_RATE_SHIFT;
}

static __always_inline void hit(struct aegis_entry *entry)
{
	if (!IS_TRIAL)
		__sync_fetch_and_add(&entry->hits, 1);
}

/*
 * A trie answers only with the longest prefix, so that one that is expired, or only monitors, hides a shorter
 * one that decides: ask again for shorter ones. Rare, and a global function: the verifier then walks its loop
 * once, not once a caller; Linux 6.1 takes no argument of such a function as a key, but a copy. head: bits in
 * front of the address.
 */
#define DEFINE_SHORTER_LIVE(map, key_type, head)                                         \
	__attribute__((noinline)) __u64 shorter_live_##map(const key_type *wanted)       \
	{                                                                                \
		key_type next;                                                           \
		__u64 monitored = 0;                                                     \
                                                                                         \
		if (!wanted)                                                             \
			return 0;                                                        \
		next = *wanted;                                                          \
		for (int i = 0; i <= 128; i++) {                                         \
			struct aegis_entry *entry = bpf_map_lookup_elem(&map, &next);    \
                                                                                         \
			if (!entry)                                                      \
				return monitored;                                        \
			if (live(entry)) {                                               \
				__u64 what = found(entry);                               \
                                                                                         \
				hit(entry);                                              \
				if (what & AEGIS_FOUND)                                  \
					return what | (monitored & AEGIS_FOUND_MONITOR); \
				monitored = what;                                        \
			}                                                                \
			if (!entry->prefix_length)                                       \
				return monitored;                                        \
			next.length = (head) + entry->prefix_length - 1;                 \
		}                                                                        \
		return monitored;                                                        \
	}

DEFINE_SHORTER_LIVE(drop_prefix_v4, struct aegis_prefix_v4, 0)
DEFINE_SHORTER_LIVE(drop_prefix_v6, struct aegis_prefix_v6, 0)
DEFINE_SHORTER_LIVE(key_prefix, struct aegis_key_prefix, AEGIS_KEY_HEAD_BITS)
DEFINE_SHORTER_LIVE(protect_prefix, struct aegis_key_prefix, AEGIS_KEY_HEAD_BITS)

/* The live entry of the map, or trie, that names the key, as AEGIS_FOUND; counts the hit. */
static __always_inline __u64 in_map(void *map, const void *wanted)
{
	struct aegis_entry *entry = bpf_map_lookup_elem(map, wanted);

	if (!entry || !live(entry))
		return 0;
	hit(entry);
	return found(entry);
}

#define IN_TRIE(map, wanted)                                                      \
	({                                                                        \
		struct aegis_entry *longest = bpf_map_lookup_elem(&map, wanted);  \
		__u64 what = 0;                                                   \
                                                                                  \
		if (longest && live(longest) && (found(longest) & AEGIS_FOUND)) { \
			hit(longest);                                             \
			what = found(longest);                                    \
		} else if (longest) {                                             \
			what = shorter_live_##map(wanted);                        \
		}                                                                 \
		what;                                                             \
	})

static __always_inline __u64 drop_host(const struct packet *packet, __u32 stages)
{
	if (packet->family == AEGIS_FAMILY_V4)
		return stages & AEGIS_STAGE_DROP_V4 ? in_map(&drop_v4, &packet->source) : 0;
	return stages & AEGIS_STAGE_DROP_V6 ? in_map(&drop_v6, &packet->source) : 0;
}

static __always_inline __u64 drop_prefix(const struct packet *packet, __u32 stages)
{
	if (packet->family == AEGIS_FAMILY_V4) {
		struct aegis_prefix_v4 wanted = {32, source_v4(packet)};

		return stages & AEGIS_STAGE_DROP_PREFIX_V4 ? IN_TRIE(drop_prefix_v4, &wanted) : 0;
	} else {
		struct aegis_prefix_v6 wanted = {128, packet->source};

		return stages & AEGIS_STAGE_DROP_PREFIX_V6 ? IN_TRIE(drop_prefix_v6, &wanted) : 0;
	}
}

/* Whether what was found drops the packet, which it may only have been asked to count. */
static __always_inline bool drops(__u64 found, struct packet *packet, __u32 reason)
{
	if (found)
		packet->found = found;
	if (found & AEGIS_FOUND_MONITOR)
		packet->would_drop = reason;
	return found & AEGIS_FOUND;
}

struct key_probe {
	struct aegis_key_prefix wanted;
	bool any, host, prefix;
};

/* What to look for, of the shapes that exist, by the given choice of ports. */
static __always_inline struct key_probe probe_key(const struct packet *packet, __u32 shapes, __u32 ports)
{
	bool by_port = ports == AEGIS_KEY_PROTOCOL_PORT || ports == AEGIS_KEY_PORT;
	bool by_protocol = ports == AEGIS_KEY_PROTOCOL_PORT || ports == AEGIS_KEY_PROTOCOL;
	struct key_probe probe = {};

	shapes >>= ports << 2;
	if (by_port && !(packet->traits & PACKET_HAS_PORTS))
		return probe;
	probe.wanted.length = AEGIS_KEY_HEAD_BITS + (packet->family == AEGIS_FAMILY_V4 ? 32 : 128);
	probe.wanted.key.protocol = by_protocol ? packet->protocol : 0;
	probe.wanted.key.port = by_port ? packet->port : 0;
	probe.any = shapes & 1 << AEGIS_KEY_SOURCE_ANY;
	probe.host = shapes & 1 << AEGIS_KEY_SOURCE_HOST;
	probe.prefix = shapes & 1 << AEGIS_KEY_SOURCE_PREFIX;
	return probe;
}

/* The live key that names the packet, as AEGIS_FOUND; global functions so that the verifier walks each once.
 */
#define DEFINE_MATCH(map)                                                                      \
	__attribute__((noinline)) __u64 match_##map(const struct packet *packet, __u32 shapes) \
	{                                                                                      \
		if (!packet)                                                                   \
			return 0;                                                              \
		for (__u32 ports = 0; ports < AEGIS_KEY_PORTS_COUNT; ports++) {                \
			struct key_probe probe = probe_key(packet, shapes, ports);             \
			__u64 what = 0, source = AEGIS_KEY_SOURCE_ANY;                         \
                                                                                               \
			if (probe.any)                                                         \
				what = in_map(&map, &probe.wanted.key);                        \
			probe.wanted.key.family = packet->family;                              \
			probe.wanted.key.source = packet->source;                              \
			if (!what && probe.host) {                                             \
				source = AEGIS_KEY_SOURCE_HOST;                                \
				what = in_map(&map, &probe.wanted.key);                        \
			}                                                                      \
			if (!what && probe.prefix) {                                           \
				source = AEGIS_KEY_SOURCE_PREFIX;                              \
				what = IN_TRIE(map##_prefix, &probe.wanted);                   \
			}                                                                      \
			if (what)                                                              \
				return what | (__u64)ports << AEGIS_FOUND_PORTS_SHIFT |        \
				       source << AEGIS_FOUND_SOURCE_SHIFT;                     \
		}                                                                              \
		return 0;                                                                      \
	}

DEFINE_MATCH(key)
DEFINE_MATCH(protect)

#endif
