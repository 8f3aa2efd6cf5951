/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the prefix that decides on an IPv4 address. */
#ifndef AEGIS_PREFIX_IPV4_H
#define AEGIS_PREFIX_IPV4_H

#include "record.h"

/* Lengths that may have the address: bit 32 - length. */
static __always_inline __u64 prefix_lengths_v4(void *table, const struct aegis_prefix_head *head,
					       __u32 address)
{
	__u32 place = address >> (head->shift & 31);
	const union aegis_prefix_element *element = prefix_element(table, head->filter + place / 16);
	__u64 word;
	__u32 lengths;

	if (!element)
		return 0;
	word = element->word[place & 15];
	lengths = word;
	if (!(word >> 32 >> (address >> ((head->shift - 5) & 31) & 31) & 1))
		lengths &= head->short_lengths;
	return head->always | lengths;
}

/*
 * Looks for an entry in the lines after its first one; a global function, so that the verifier walks it once.
 * Returns line * AEGIS_PREFIX_WORDS + place, plus one; 0: there is none.
 */
AEGIS_GLOBAL __u32 prefix_walk_v4(__u64 key, __u64 mixed, __u32 index)
{
	const struct aegis_prefix_head *head = bpf_map_lookup_elem(&drop_head, &index);
	void *table = bpf_map_lookup_elem(&drop, &index);
	__u32 line, step;

	if (!head || !table)
		return 0;
	line = aegis_prefix_line(mixed, head->lines);
	step = aegis_prefix_step(mixed, head->lines);
	for (__u32 i = 1; i < AEGIS_PREFIX_WALK; i++) {
		const union aegis_prefix_element *element;

		line += step;
		if (line >= head->lines)
			line -= head->lines;
		element = prefix_element(table, head->buckets + line);
		if (!element)
			return 0;
		for (__u32 place = 0; place < AEGIS_PREFIX_WORDS; place++)
			if (element->line.word[place] >> AEGIS_PREFIX_KEY_SHIFT == key)
				return line * AEGIS_PREFIX_WORDS + place + 1;
		if (!(element->line.word[0] & AEGIS_PREFIX_OVERFLOW))
			return 0;
	}
	return 0;
}

/*
 * The longest prefix of the address that decides, as AEGIS_FOUND; 0: there is none. One that is expired or
 * only monitors leaves it to the next shorter one. Counts the hits.
 *
 * address: in host order.
 * index: slot * 2; read once a packet, because the other slot may come into force meanwhile.
 * for_rules: returns the lists that rules name instead, as a set of bits, and counts no hits.
 */
AEGIS_GLOBAL __u64 prefix_find_v4(__u32 address, __u32 index, __u32 for_rules)
{
	const struct aegis_prefix_head *head = bpf_map_lookup_elem(&drop_head, &index);
	void *table = bpf_map_lookup_elem(&drop, &index);
	__u64 monitored, lengths, what;

	if (!head || !table)
		return 0;
	monitored = what = 0;
	lengths = prefix_lengths_v4(table, head, address);
	for (int i = 0; i < 33 && lengths; i++) {
		__u64 marker = lengths & -lengths;
		__u64 key = aegis_prefix_key_v4(address, marker);
		__u64 mixed = aegis_prefix_mix_v4(key, head->seed[0]);
		__u32 line = aegis_prefix_line(mixed, head->lines);
		__u64 place;
		union aegis_prefix_element *element;
		__u64 word = 0;

		lengths ^= marker;
		element = prefix_element(table, head->buckets + line);
		if (!element)
			break;
		for (place = 0; place < AEGIS_PREFIX_WORDS; place++) {
			word = *(const volatile __u64 *)&element->line.word[place];
			if (word >> AEGIS_PREFIX_KEY_SHIFT == key)
				break;
		}
		if (place == AEGIS_PREFIX_WORDS) {
			if (!(element->line.word[0] & AEGIS_PREFIX_OVERFLOW))
				continue;
			place = prefix_walk_v4(key, mixed, index);
			if (!place)
				continue;
			place--;
			element = prefix_element(table, head->buckets + place / AEGIS_PREFIX_WORDS);
			if (!element)
				break;
			place &= AEGIS_PREFIX_WORDS - 1;
			word = *(const volatile __u64 *)&element->line.word[place];
			/* Removed meanwhile. */
			if (word >> AEGIS_PREFIX_KEY_SHIFT != key)
				continue;
		}
		place = prefix_any(place, head);
		what = prefix_record(word & AEGIS_PREFIX_RECORD_MASK, index,
				     word >> AEGIS_PREFIX_LENGTH_SHIFT & AEGIS_PREFIX_LENGTH_MASK, 32,
				     for_rules);
		if (!what)
			continue;
		if (!for_rules)
			prefix_count(&element->line.hits[place & (AEGIS_PREFIX_WORDS - 1)]);
		if (prefix_decides(what, &monitored, for_rules))
			break;
	}
	return for_rules ? monitored : prefix_found(what, monitored);
}

#endif
