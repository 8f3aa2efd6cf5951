/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of the tables of prefixes, which are in no catalogue yet. */
#ifndef AEGIS_PREFIX_MAPS_H
#define AEGIS_PREFIX_MAPS_H

#include "../abi/prefix.h"
#include "../maps.h"

AEGIS_DEFINE_MAP(prefix_head, ARRAY, BPF_F_MMAPABLE, AEGIS_PREFIX_TABLES, __u32, struct aegis_prefix_head)

/* Arrays of union aegis_prefix_element. */
AEGIS_DEFINE_RAW_MAP(prefix_table, ARRAY_OF_MAPS, AEGIS_PREFIX_TABLES, 4, 4)

_Static_assert(sizeof(union aegis_prefix_element) == sizeof(struct aegis_geo_node), "inner maps are alike");

#endif
