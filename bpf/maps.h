/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of the catalogue. The loader sets the size of each map whose SIZE is not FIXED; here it is 1. */
#ifndef AEGIS_MAPS_H
#define AEGIS_MAPS_H

#include "aegis.h"
#include "kernel.h"

#ifdef __bpf__
#define AEGIS_DEFINE_MAP(name, map_type, flags, entries, key_type, value_type, ...) \
	struct {                                                                    \
		__uint(type, BPF_MAP_TYPE_##map_type);                              \
		__uint(map_flags, flags);                                           \
		__uint(max_entries, entries);                                       \
		__type(key, key_type);                                              \
		__type(value, value_type);                                          \
	} name SEC(".maps");

/* What a map of maps holds; nothing for others. */
#define AEGIS_VALUES(flags, value_type)                         \
	__array(                                                \
		values, struct {                                \
			__uint(type, BPF_MAP_TYPE_ARRAY);       \
			__uint(map_flags, flags);               \
			__uint(max_entries, 1);                 \
			__uint(key_size, 4);                    \
			__uint(value_size, sizeof(value_type)); \
		});
#define AEGIS_VALUES_events
#define AEGIS_VALUES_parts
#define AEGIS_VALUES_relay_work
#define AEGIS_VALUES_wire
#define AEGIS_VALUES_hook_exit
#define AEGIS_VALUES_geo AEGIS_VALUES(AEGIS_INNER_FLAGS, struct aegis_geo_node)
#define AEGIS_VALUES_drop AEGIS_VALUES(AEGIS_INNER_FLAGS, union aegis_prefix_element)
#define AEGIS_VALUES_rules AEGIS_VALUES(BPF_F_MMAPABLE, struct aegis_rule_set)

#define AEGIS_DEFINE_RAW_MAP(name, map_type, entries, key_bytes, value_bytes, ...) \
	struct {                                                                   \
		__uint(type, BPF_MAP_TYPE_##map_type);                             \
		__uint(max_entries, entries);                                      \
		__uint(key_size, key_bytes);                                       \
		__uint(value_size, value_bytes);                                   \
		AEGIS_VALUES_##name                                                \
	} name SEC(".maps");
#else
#define AEGIS_DEFINE_MAP(name, ...) static struct host_map name = {AEGIS_MAP_##name};
#define AEGIS_DEFINE_RAW_MAP AEGIS_DEFINE_MAP
#endif

AEGIS_CATALOGUE(AEGIS_DEFINE_MAP, AEGIS_DEFINE_RAW_MAP)

_Static_assert(sizeof(union aegis_prefix_element) == sizeof(struct aegis_geo_node), "inner maps are alike");

/* What all profiles have in common, and what main has. */
static __always_inline struct aegis_config *settings_of(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&config, &zero);
}

#endif
