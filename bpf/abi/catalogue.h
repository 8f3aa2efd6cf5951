/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_CATALOGUE_H
#define AEGIS_ABI_CATALOGUE_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "address.h"
#include "changes.h"
#include "classes.h"
#include "config.h"
#include "counters.h"
#include "entries.h"
#include "events.h"
#include "geo.h"
#include "hook.h"
#include "latency.h"
#include "lists.h"
#include "meta.h"
#include "prefix.h"
#include "profiles.h"
#include "rates.h"
#include "relay.h"
#include "rules.h"
#include "survey.h"

/*
 * All maps. The name is that of the variable and of the pin; new maps are added at the end.
 *   MAP(name, TYPE, flags, entries, key, value, ROLE, SIZE, REPLACE, SCOPE)
 *   RAW(name, TYPE, entries, key size, value size, ROLE, SIZE, REPLACE, SCOPE)   without types of its own;
 *   what a map of maps holds is in maps.h
 * ROLE is an enum aegis_map_role, SIZE an enum aegis_map_size, REPLACE an enum aegis_map_replace, SCOPE an
 * enum aegis_map_scope.
 */
#define AEGIS_CATALOGUE(MAP, RAW)                                                                            \
	MAP(meta, ARRAY, 0, 1, __u32, struct aegis_meta, ORIGIN, FIXED, OWN, BOTH)                           \
	/* By profile. What all have in common is only read from the first one. */                           \
	MAP(config, ARRAY, 0, AEGIS_PROFILES, __u32, struct aegis_config, SETTINGS, FIXED, OWN, EACH)        \
	MAP(interfaces, ARRAY, 0, AEGIS_SLOTS, __u32, struct aegis_interface, STATE, FIXED, KEEP, BOTH)      \
	MAP(counters, PERCPU_ARRAY, 0, AEGIS_BLOCKS, __u32, struct aegis_counters, COUNTERS, FIXED, CARRY,   \
	    BOTH)                                                                                            \
	MAP(more_counters, PERCPU_HASH, BPF_F_NO_PREALLOC, AEGIS_DIRECTIONS *AEGIS_SLOTS, __u32,             \
	    struct aegis_counters, COUNTERS, FIXED, CARRY, BOTH)                                             \
	MAP(carried, HASH, BPF_F_NO_PREALLOC, AEGIS_DIRECTIONS *AEGIS_SLOTS + 1, __u32,                      \
	    struct aegis_counters, COUNTERS, FIXED, CARRY, BOTH)                                             \
	/* BPF_F_MMAPABLE aligns the array to a page, so that each value is exactly one cache line. */       \
	MAP(cells, ARRAY, BPF_F_MMAPABLE, 1, __u32, struct aegis_line, STATE, CELLS, RATES, EACH)            \
	/* Tables of prefixes, which are pinned below the root, and their heads. */                          \
	RAW(drop, ARRAY_OF_MAPS, AEGIS_PREFIX_TABLES, 4, 4, DROPS, FIXED, KEEP, EACH)                        \
	MAP(drop_head, ARRAY, BPF_F_MMAPABLE, AEGIS_PREFIX_TABLES, __u32, struct aegis_prefix_head, DROPS,   \
	    FIXED, KEEP, EACH)                                                                               \
	MAP(key, HASH, 0, 1, struct aegis_key, struct aegis_entry, KEYS, KEYS, KEEP, EACH)                   \
	MAP(key_prefix, LPM_TRIE, BPF_F_NO_PREALLOC, 1, struct aegis_key_prefix, struct aegis_entry, KEYS,   \
	    KEYS, KEEP, EACH)                                                                                \
	/* In one trie a longer plain prefix would hide a shorter protected one. */                          \
	MAP(protect, HASH, 0, 1, struct aegis_key, struct aegis_entry, KEYS, KEYS, KEEP, EACH)               \
	MAP(protect_prefix, LPM_TRIE, BPF_F_NO_PREALLOC, 1, struct aegis_key_prefix, struct aegis_entry,     \
	    KEYS, KEYS, KEEP, EACH)                                                                          \
	MAP(rate_port, HASH, 0, AEGIS_RATE_PORTS, struct aegis_port, struct aegis_rates, RATES, FIXED,       \
	    RATES, EACH)                                                                                     \
	MAP(rate_prefix, LPM_TRIE, BPF_F_NO_PREALLOC, AEGIS_RATE_PREFIXES, struct aegis_key_prefix,          \
	    struct aegis_rates, RATES, FIXED, RATES, EACH)                                                   \
	MAP(total_prefix, LPM_TRIE, BPF_F_NO_PREALLOC, AEGIS_RATE_PREFIXES, struct aegis_key_prefix,         \
	    struct aegis_rates, RATES, FIXED, RATES, EACH)                                                   \
	MAP(key_rate, HASH, 0, AEGIS_KEY_RATES, __u32, struct aegis_rates, KEY_RATES, FIXED, RATES, EACH)    \
	MAP(notes, HASH, BPF_F_NO_PREALLOC, AEGIS_NOTES, __u32, struct aegis_note, NOTES, FIXED, KEEP, BOTH) \
	MAP(offenders, LRU_HASH, 0, AEGIS_OFFENDERS, struct aegis_offender_key, struct aegis_offender,       \
	    STATE, FIXED, KEEP, EACH)                                                                        \
	/* Takes memory only while it is used. */                                                            \
	MAP(survey, HASH, BPF_F_NO_PREALLOC, AEGIS_SURVEY_SOURCES, struct aegis_survey_key,                  \
	    struct aegis_survey, STATE, FIXED, KEEP, EACH)                                                   \
	RAW(events, RINGBUF, AEGIS_EVENTS_SIZE, 0, 0, SCRATCH, FIXED, RESET, BOTH)                           \
	MAP(event_filter, ARRAY, BPF_F_MMAPABLE, 1, __u32, struct aegis_event_filter, SCRATCH, FIXED, RESET, \
	    BOTH)                                                                                            \
	MAP(event_state, PERCPU_ARRAY, 0, 1, __u32, struct aegis_event_state, SCRATCH, FIXED, RESET, BOTH)   \
	/* The datapath never writes it: it holds the results of measurements. */                            \
	MAP(latency, ARRAY, 0, AEGIS_ACTIONS, __u32, struct aegis_latency, COUNTERS, FIXED, KEEP, BOTH)      \
	/* Programs that the datapath continues with by a tail call. */                                      \
	RAW(parts, PROG_ARRAY, AEGIS_PARTS, 4, 4, SCRATCH, FIXED, OWN, BOTH)                                 \
	/* Who changed what, for `dump log`; never read by the datapath. */                                  \
	MAP(changes, ARRAY, 0, AEGIS_CHANGES + 1, __u32, struct aegis_change, STATE, FIXED, KEEP, BOTH)      \
	/* The index of the other port, by the slot of a port of a wire. */                                  \
	RAW(wire, DEVMAP, AEGIS_SLOTS, 4, 4, STATE, FIXED, KEEP, BOTH)                                       \
	/* Arrays of struct aegis_geo_node, which are pinned below the root. */                              \
	RAW(geo, ARRAY_OF_MAPS, AEGIS_GEO_TABLES, 4, 4, STATE, FIXED, KEEP, BOTH)                            \
	MAP(geo_info, ARRAY, 0, AEGIS_GEO_SLOTS *AEGIS_GEO_FILES, __u32, struct aegis_geo_file, STATE,       \
	    FIXED, KEEP, BOTH)                                                                               \
	MAP(classes, ARRAY, 0, AEGIS_CLASSES, __u32, struct aegis_class, CLASSES, FIXED, KEEP, BOTH)         \
	/* One store changes which countries a class has. */                                                 \
	MAP(country_class, ARRAY, 0, 1, __u32, struct aegis_country_classes, CLASSES, FIXED, KEEP, BOTH)     \
	/* Room for all before a change and all after it: what is new comes first. */                        \
	MAP(class_prefix, LPM_TRIE, BPF_F_NO_PREALLOC, 2 * AEGIS_CLASS_PREFIXES, struct aegis_key_prefix,    \
	    struct aegis_class_prefix, CLASSES, FIXED, KEEP, BOTH)                                           \
	MAP(class_counters, PERCPU_ARRAY, 0, AEGIS_CLASSES, __u32, struct aegis_class_counters, COUNTERS,    \
	    FIXED, KEEP, EACH)                                                                               \
	MAP(geo_root, ARRAY, 0, AEGIS_GEO_TABLES *AEGIS_GEO_ROOT_PARTS, __u32, struct aegis_geo_root, STATE, \
	    FIXED, KEEP, BOTH)                                                                               \
	/* By number of the profile * AEGIS_CLASSES + number of the class. */                                \
	MAP(rate_class, ARRAY, 0, AEGIS_PROFILES *AEGIS_CLASSES, __u32, struct aegis_rates, RATES, FIXED,    \
	    RATES, EACH)                                                                                     \
	MAP(relay, ARRAY, 0, 1, __u32, struct aegis_relay, STATE, FIXED, KEEP, BOTH)                         \
	/* The tool writes the first line of a value and leaves the others to the datapath. */               \
	MAP(relay_user, ARRAY, BPF_F_MMAPABLE, 1, __u32, struct aegis_relay_user, STATE, USERS, KEEP, BOTH)  \
	MAP(relay_back, HASH, BPF_F_NO_PREALLOC, 1, struct aegis_relay_back, __u32, STATE, USERS, KEEP,      \
	    BOTH)                                                                                            \
	/* Never read by the datapath. */                                                                    \
	MAP(relay_name, HASH, BPF_F_NO_PREALLOC, 1, struct aegis_relay_name, __u32, STATE, USERS, KEEP,      \
	    BOTH)                                                                                            \
	RAW(relay_work, PERCPU_ARRAY, 1, 4, AEGIS_RELAY_WORK_SIZE, SCRATCH, FIXED, RESET, BOTH)              \
	/* Who drop entries belong to. */                                                                    \
	MAP(lists, ARRAY, BPF_F_MMAPABLE, AEGIS_LISTS, __u32, struct aegis_list, LISTS, FIXED, KEEP, BOTH)   \
	MAP(list_counters, PERCPU_ARRAY, 0, AEGIS_LISTS, __u32, struct aegis_list_counters, COUNTERS, FIXED, \
	    KEEP, EACH)                                                                                      \
	/* Arrays of one struct aegis_rule_set, which are pinned below the root. */                          \
	RAW(rules, ARRAY_OF_MAPS, AEGIS_RULE_SETS, 4, 4, RULES, FIXED, KEEP, EACH)                           \
	MAP(rule_counters, PERCPU_ARRAY, 0, AEGIS_MATCH_NUMBERS, __u32, struct aegis_rule_counters,          \
	    COUNTERS, FIXED, KEEP, EACH)                                                                     \
	MAP(profiles, ARRAY, BPF_F_MMAPABLE, AEGIS_PROFILES, __u32, struct aegis_profile, SETTINGS, FIXED,   \
	    KEEP, BOTH)                                                                                      \
	/* The operator's own program has these two for as long as it is in place. */                        \
	MAP(hook_packet, PERCPU_ARRAY, 0, 1, __u32, struct aegis_hook_packet, SCRATCH, FIXED, KEEP, BOTH)    \
	RAW(hook_exit, PROG_ARRAY, AEGIS_HOOK_EXITS, 4, 4, SCRATCH, FIXED, KEEP, BOTH)                       \
	MAP(hook_work, PERCPU_ARRAY, 0, 1, __u32, struct aegis_hook_work, SCRATCH, FIXED, RESET, BOTH)       \
	MAP(hook_info, ARRAY, 0, 1, __u32, struct aegis_hook_info, STATE, FIXED, KEEP, BOTH)

/* Size of `parts`. */
#define AEGIS_PARTS 8u

/* What a map holds. A policy saves and restores what an operator declares. */
enum aegis_map_role {
	AEGIS_ROLE_ORIGIN,    /* who loaded it */
	AEGIS_ROLE_SETTINGS,  /* declared: default, mode, default rates */
	AEGIS_ROLE_DROPS,     /* declared: the drop list */
	AEGIS_ROLE_KEYS,      /* declared: allow keys */
	AEGIS_ROLE_RATES,     /* declared: rates by port, prefix and class */
	AEGIS_ROLE_KEY_RATES, /* declared: rates of keys */
	AEGIS_ROLE_NOTES,     /* declared: comments of entries */
	AEGIS_ROLE_CLASSES,   /* declared: classes */
	AEGIS_ROLE_LISTS,     /* declared: lists of drop entries */
	AEGIS_ROLE_RULES,     /* declared: rules */
	AEGIS_ROLE_STATE,     /* noted by the datapath, or when attaching */
	AEGIS_ROLE_COUNTERS,
	AEGIS_ROLE_SCRATCH, /* may be lost */
};

/* What determines the number of entries of a map. */
enum aegis_map_size {
	AEGIS_SIZE_FIXED, /* the catalogue */
	AEGIS_SIZE_CELLS, /* load --max-sources */
	AEGIS_SIZE_KEYS,  /* load --max-keys */
	AEGIS_SIZE_USERS, /* load --max-users */
};

/*
 * What happens to a map when another generation takes over, forward or back. Unless it is OWN, the same map
 * stays in use if its shape and size are the same. Otherwise:
 */
enum aegis_map_replace {
	AEGIS_REPLACE_OWN,   /* each generation has its own */
	AEGIS_REPLACE_KEEP,  /* its entries are copied */
	AEGIS_REPLACE_RATES, /* the rates, and the debts of sources, move to the new table of buckets */
	AEGIS_REPLACE_CARRY, /* its sums are added to `carried` */
	AEGIS_REPLACE_RESET, /* it starts empty */
};

/* Whether both directions share a map. */
enum aegis_map_scope {
	AEGIS_SCOPE_BOTH,
	AEGIS_SCOPE_EACH, /* the other direction has one of its own, of the same shape */
};

enum aegis_map {
#define AEGIS_ENUMERATOR(name, ...) AEGIS_MAP_##name,
	AEGIS_CATALOGUE(AEGIS_ENUMERATOR, AEGIS_ENUMERATOR)
#undef AEGIS_ENUMERATOR
	/* */ AEGIS_MAPS
};

#ifndef __bpf__
/* A row of the catalogue; sizes in bytes. */
struct aegis_map_row {
	const char *name;
	__u32 type; /* enum bpf_map_type */
	__u32 flags;
	__u32 entries;
	__u32 key_size;
	__u32 value_size;
	enum aegis_map_role role;
	enum aegis_map_size size;
	enum aegis_map_replace replace;
	enum aegis_map_scope scope;
};

static inline struct aegis_map_row aegis_map_row(enum aegis_map map)
{
#define AEGIS_MAP_ROW(name, type, flags, entries, key, value, role, size, replace, scope) \
	case AEGIS_MAP_##name:                                                            \
		return (struct aegis_map_row){#name,                                      \
					      BPF_MAP_TYPE_##type,                        \
					      flags,                                      \
					      entries,                                    \
					      sizeof(key),                                \
					      sizeof(value),                              \
					      AEGIS_ROLE_##role,                          \
					      AEGIS_SIZE_##size,                          \
					      AEGIS_REPLACE_##replace,                    \
					      AEGIS_SCOPE_##scope};
#define AEGIS_RAW_ROW(name, type, entries, key, value, role, size, replace, scope) \
	case AEGIS_MAP_##name:                                                     \
		return (struct aegis_map_row){#name,                               \
					      BPF_MAP_TYPE_##type,                 \
					      0,                                   \
					      entries,                             \
					      key,                                 \
					      value,                               \
					      AEGIS_ROLE_##role,                   \
					      AEGIS_SIZE_##size,                   \
					      AEGIS_REPLACE_##replace,             \
					      AEGIS_SCOPE_##scope};
	switch (map) {
		AEGIS_CATALOGUE(AEGIS_MAP_ROW, AEGIS_RAW_ROW)
	default:
		return (struct aegis_map_row){0};
	}
#undef AEGIS_MAP_ROW
#undef AEGIS_RAW_ROW
}
#endif

#endif
