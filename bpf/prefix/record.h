/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an entry of a table of prefixes says. */
#ifndef AEGIS_PREFIX_RECORD_H
#define AEGIS_PREFIX_RECORD_H

#include "../lookup.h"
#include "maps.h"

/* In AEGIS_FOUND, 16 bits: the `list` of its record. */
#define PREFIX_FOUND_LIST_SHIFT 48

static __always_inline union aegis_prefix_element *prefix_element(void *table, __u32 number)
{
	return bpf_map_lookup_elem(table, &number);
}

static __always_inline void prefix_count(__u64 *hits)
{
	if (!IS_TRACED)
		__sync_fetch_and_add(hits, 1);
}

/* Returns AEGIS_FOUND; 0 if it is expired. */
static __always_inline __u64 prefix_record(void *table, const struct aegis_prefix_head *head, __u32 number,
					   __u64 length)
{
	const union aegis_prefix_element *element;
	const struct aegis_prefix_record *record;
	__u64 what = AEGIS_FOUND_MONITOR;

	length <<= AEGIS_FOUND_LENGTH_SHIFT;
	if (!number)
		return AEGIS_FOUND | length;
	element = prefix_element(table, head->records + number / 4);
	if (!element)
		return 0;
	record = &element->record[number & 3];
	if (record->expires && record->expires <= boottime_ns())
		return 0;
	if (!(record->flags & AEGIS_ENTRY_MONITOR))
		what = AEGIS_FOUND | (__u64)record->rate << AEGIS_FOUND_RATE_SHIFT;
	return what | length | (__u64)record->list << PREFIX_FOUND_LIST_SHIFT;
}

#endif
