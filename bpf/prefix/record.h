/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an entry of a table of prefixes says. */
#ifndef AEGIS_PREFIX_RECORD_H
#define AEGIS_PREFIX_RECORD_H

#include "../lookup.h"

/* Makes the verifier forget what it knows of a value, so that it walks on once and not for each value. */
static __always_inline __u64 prefix_any(__u64 value, const struct aegis_prefix_head *head)
{
	value ^= *(const volatile __u64 *)&head->zero;
	asm volatile("" : "+r"(value));
	return value;
}

static __always_inline union aegis_prefix_element *prefix_element(void *table, __u32 number)
{
	return bpf_map_lookup_elem(table, &number);
}

/* A program in user space reads the table that the kernel counts in. */
static __always_inline void prefix_count(__u64 *hits)
{
#ifdef __bpf__
	__sync_fetch_and_add(hits, 1);
#endif
}

/*
 * Returns AEGIS_FOUND; 0 if it is expired.
 * whole: the length of an address
 */
static __always_inline __u64 prefix_record(void *table, const struct aegis_prefix_head *head, __u32 number,
					   __u64 length, __u32 whole)
{
	const union aegis_prefix_element *element;
	const struct aegis_prefix_record *record;
	__u64 what = length << AEGIS_FOUND_LENGTH_SHIFT, host = length == whole;

	if (!number)
		return what | AEGIS_FOUND | host * AEGIS_FOUND_HOST;
	element = prefix_element(table, head->records + number / 4);
	if (!element)
		return 0;
	record = &element->record[number & 3];
	if (record->expires && record->expires <= boottime_ns())
		return 0;
	what |= (__u64)record->list << AEGIS_FOUND_LIST_SHIFT;
	if (record->flags & AEGIS_ENTRY_MONITOR)
		return what | AEGIS_FOUND_MONITOR | host * AEGIS_FOUND_MONITOR_HOST;
	return what | AEGIS_FOUND | host * AEGIS_FOUND_HOST;
}

/* What is found of an entry that decides, behind the last longer one that only counts. */
static __always_inline __u64 prefix_decides(__u64 what, __u64 monitored)
{
	traced_drop(what, monitored);
	return what | (monitored & (AEGIS_FOUND_MONITOR | AEGIS_FOUND_MONITOR_HOST));
}

static __always_inline __u64 prefix_monitors(__u64 monitored)
{
	traced_drop(0, monitored);
	return monitored;
}

#endif
