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

/* The bit of the list of a record among those that rules name; 0 if it is expired, or none of these. */
static __always_inline __u64 prefix_rule_list(const struct aegis_prefix_record *record)
{
	__u32 number = record->list;
	const struct aegis_list *list = bpf_map_lookup_elem(&lists, &number);

	if (!list || !list->rule_list || !(list->flags & AEGIS_LIST_SET))
		return 0;
	if ((record->expires && record->expires <= boottime_ns()) ||
	    (list->expires && list->expires <= boottime_ns()))
		return 0;
	return 1ull << ((list->rule_list - 1) & (AEGIS_RULE_LISTS - 1));
}

/* AEGIS_FOUND or AEGIS_FOUND_MONITOR, with the list; 0 if it is expired, or does nothing. */
static __always_inline __u64 prefix_says(const struct aegis_prefix_record *record)
{
	__u64 what = (__u64)record->list << AEGIS_FOUND_LIST_SHIFT;
	__u32 number = record->list, is_monitored = record->flags & AEGIS_ENTRY_MONITOR;

	if (record->expires && record->expires <= boottime_ns())
		return 0;
	if (number != AEGIS_LIST_MANUAL) {
		const struct aegis_list *list = bpf_map_lookup_elem(&lists, &number);

		if (!list || (list->flags & AEGIS_LIST_SET))
			return 0;
		if (list->expires && list->expires <= boottime_ns())
			return 0;
		is_monitored |= list->flags & AEGIS_LIST_MONITOR;
	}
	return what | (is_monitored ? AEGIS_FOUND_MONITOR : AEGIS_FOUND);
}

/*
 * What the lists of an entry say: the first one that decides, or else the first one that only counts. A
 * global function, so that the verifier walks it once. Returns prefix_says(), with AEGIS_FOUND_MONITOR if one
 * before it only counts.
 * for_rules: returns the lists that rules name instead, as a set of bits.
 */
AEGIS_GLOBAL __u64 prefix_lists(__u32 number, __u32 index, __u32 for_rules)
{
	const struct aegis_prefix_head *head = bpf_map_lookup_elem(&drop_head, &index);
	void *table = bpf_map_lookup_elem(&drop, &index);
	__u64 monitored = 0;

	if (!head || !table)
		return 0;
	for (__u32 i = 0; i < AEGIS_PREFIX_LISTS && number; i++) {
		const union aegis_prefix_element *element = prefix_element(table, head->records + number / 4);
		const struct aegis_prefix_record *record;
		__u64 says;

		if (!element)
			break;
		record = &element->record[number & 3];
		number = record->next;
		if (for_rules) {
			monitored |= prefix_rule_list(record);
			continue;
		}
		says = prefix_says(record);
		if (says & AEGIS_FOUND)
			return says | (monitored ? AEGIS_FOUND_MONITOR : 0);
		monitored = monitored ? monitored : says;
	}
	return monitored;
}

/*
 * Returns AEGIS_FOUND; 0 if it is expired.
 * index: slot * 2, plus one for IPv6
 * whole: the length of an address
 * for_rules: as of prefix_lists()
 */
static __always_inline __u64 prefix_record(__u32 number, __u32 index, __u64 length, __u32 whole,
					   __u32 for_rules)
{
	__u64 says = number ? prefix_lists(number, index, for_rules) : for_rules ? 0 : AEGIS_FOUND;

	if (!says || for_rules)
		return says;
	if (length == whole)
		says |= (says & AEGIS_FOUND) * AEGIS_FOUND_HOST |
			(says & AEGIS_FOUND_MONITOR) * (AEGIS_FOUND_MONITOR_HOST / AEGIS_FOUND_MONITOR);
	return says | length << AEGIS_FOUND_LENGTH_SHIFT;
}

/*
 * Notes what an entry says behind those before it; returns whether it decides.
 * for_rules: as of prefix_lists()
 */
static __always_inline bool prefix_decides(__u64 what, __u64 *before, __u32 for_rules)
{
	if (for_rules)
		*before |= what;
	else if (what & AEGIS_FOUND)
		return true;
	else if (what)
		*before = what;
	return false;
}

/*
 * What is found: by the entry that decides, if one does, behind the last longer one that only counts. A list
 * of the same entry that only counts comes after that.
 */
static __always_inline __u64 prefix_found(__u64 what, __u64 monitored)
{
	if (!(what & AEGIS_FOUND))
		what = 0;
	traced_drop(what, monitored);
	if (what & AEGIS_FOUND_MONITOR)
		return what;
	return what | (what ? monitored & (AEGIS_FOUND_MONITOR | AEGIS_FOUND_MONITOR_HOST) : monitored);
}

#endif
