/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the prefix that decides on an IPv6 address. */
#ifndef AEGIS_PREFIX_IPV6_H
#define AEGIS_PREFIX_IPV6_H

#include "record.h"

/* A prefix that is looked for, marked; see aegis_prefix_key_v6(). */
struct prefix_key {
	__u64 high, low;
	__u32 whole; /* 1: it is of 128 bits */
};

/* Lengths that may have an address. */
struct prefix_lengths {
	__u64 fine;   /* 65 to 128: bit 128 - length */
	__u64 coarse; /* 1 to 64: bit 64 - length */
};

/*
 * Looks up one prefix; a global function, so that the verifier walks it once.
 * Returns AEGIS_FOUND; 0 if there is none, or it is expired.
 * for_rules: as of prefix_find_v4()
 */
AEGIS_GLOBAL __u64 prefix_probe_v6(__u64 high, __u64 low, __u32 whole, __u32 index, __u32 for_rules)
{
	const struct aegis_prefix_head *head = bpf_map_lookup_elem(&drop_head, &index);
	void *table = bpf_map_lookup_elem(&drop, &index);
	__u64 mixed, tag;
	__u32 line, step;

	if (!head || !table)
		return 0;
	mixed = aegis_prefix_mix_v6(high, low, whole, head->seed[0], head->seed[1]);
	tag = aegis_prefix_tag(mixed);
	line = aegis_prefix_line(mixed, head->lines);
	step = aegis_prefix_step(mixed, head->lines);
	for (__u32 i = 0; i < AEGIS_PREFIX_WALK; i++) {
		const union aegis_prefix_element *element = prefix_element(table, head->buckets + line / 2);
		__u32 first = line % 2 * AEGIS_PREFIX_WORDS, place;
		__u64 word = 0;

		if (!element)
			return 0;
		for (place = 0; place < AEGIS_PREFIX_WORDS; place++) {
			word = *(const volatile __u64 *)&element->word[first + place];
			if (word >> AEGIS_PREFIX_KEY_SHIFT == tag)
				break;
		}
		if (place < AEGIS_PREFIX_WORDS) {
			__u32 number = word & AEGIS_PREFIX_ENTRY_MASK;
			union aegis_prefix_element *entries =
				prefix_element(table, head->entries + number / 4);
			struct aegis_prefix_entry *entry;

			if (!entries)
				return 0;
			entry = &entries->entry[number % 4];
			if (entry->high == high && entry->low == low && (entry->length == 128) == whole) {
				__u64 what =
					prefix_record(entry->record, index, entry->length, 128, for_rules);

				if (what && !for_rules)
					prefix_count(&entry->hits);
				return what;
			}
		}
		if (!(element->word[first] & AEGIS_PREFIX_OVERFLOW))
			return 0;
		line += step;
		if (line >= head->lines)
			line -= head->lines;
	}
	return 0;
}

static __always_inline __u64 prefix_try_v6(void *table, const struct aegis_prefix_head *head,
					   const struct prefix_key *key, __u32 index, __u32 for_rules)
{
	__u64 mixed = aegis_prefix_mix_v6(key->high, key->low, key->whole, head->seed[0], head->seed[1]);
	__u64 place = mixed >> (head->bloom_shift & 63);
	const union aegis_prefix_element *element = prefix_element(table, head->bloom + (place >> 10));

	if (!element || !(element->word[place >> 6 & 15] >> (place & 63) & 1))
		return 0;
	return prefix_probe_v6(key->high, key->low, key->whole, index, for_rules);
}

static __always_inline void prefix_add_blocks(void *table, const struct aegis_prefix_head *head, __u64 high,
					      struct prefix_lengths *lengths)
{
	__u32 top = high >> 32, sub = aegis_prefix_sub(high, head->seed[0]);
	__u64 mixed = aegis_prefix_mix_block(top, head->seed[1]);
	__u32 line = aegis_prefix_line(mixed, head->block_lines);
	__u32 step = aegis_prefix_step(mixed, head->block_lines);

	for (__u32 i = 0; i < AEGIS_PREFIX_WALK; i++) {
		const union aegis_prefix_element *element = prefix_element(table, head->blocks + line);

		if (!element)
			return;
		for (__u32 place = 0; place < AEGIS_PREFIX_BLOCKS; place++) {
			if (element->blocks.top[place] != top || !element->blocks.subs[place])
				continue;
			if (element->blocks.subs[place] & sub) {
				lengths->fine = element->blocks.fine[place];
				lengths->coarse |= element->blocks.coarse[place];
			}
			return;
		}
		if (!element->blocks.overflow)
			return;
		line += step;
		if (line >= head->block_lines)
			line -= head->block_lines;
	}
}

static __always_inline struct prefix_lengths
prefix_lengths_v6(void *table, const struct aegis_prefix_head *head, __u64 high)
{
	struct prefix_lengths lengths = {0, head->always & ~1ull};
	__u32 bit = aegis_prefix_far(high, head->seed[0], (head->shift - 1) & 63);
	__u32 place = bit / 2;
	const union aegis_prefix_element *element;
	__u32 far;

	if (head->near) {
		element = prefix_element(table, head->near + bit / 1024);
		if (!element || !(element->word[bit >> 6 & 15] >> (bit & 63) & 1))
			return lengths;
	}
	element = prefix_element(table, head->filter + place / 32);
	if (!element)
		return lengths;
	far = element->half[place & 31];
	lengths.coarse |= (__u64)(far & 0x1ffff) << 32;
	if (far >> 31)
		prefix_add_blocks(table, head, high, &lengths);
	return lengths;
}

/*
 * Like prefix_find_v4().
 * index: slot * 2 + 1
 */
AEGIS_GLOBAL __u64 prefix_find_v6(const struct aegis_address *address, __u32 index, __u32 for_rules)
{
	const struct aegis_prefix_head *head = bpf_map_lookup_elem(&drop_head, &index);
	void *table = bpf_map_lookup_elem(&drop, &index);
	__u64 monitored, high, low, what, bit;
	struct prefix_lengths lengths;

	if (!address || !head || !table)
		return 0;
	monitored = what = 0;
	high = address_word(address, 0);
	low = address_word(address, 1);
	lengths = prefix_lengths_v6(table, head, high);
	for (int i = 0; i < 64 && lengths.fine; i++) {
		struct prefix_key key = {.high = high};

		bit = lengths.fine & -lengths.fine;
		lengths.fine ^= bit;
		key.low = aegis_prefix_key_v6(low, bit);
		key.whole = bit == 1;
		what = prefix_try_v6(table, head, &key, index, for_rules);
		if (prefix_decides(what, &monitored, for_rules))
			goto end;
	}
	for (int i = 0; i < 64 && lengths.coarse; i++) {
		struct prefix_key key = {};

		bit = lengths.coarse & -lengths.coarse;
		lengths.coarse ^= bit;
		key.high = aegis_prefix_key_v6(high, bit);
		key.low = bit << 63;
		what = prefix_try_v6(table, head, &key, index, for_rules);
		if (prefix_decides(what, &monitored, for_rules))
			goto end;
	}
	if (head->always & 1) {
		what = prefix_probe_v6(1ull << 63, 0, 0, index, for_rules);
		if (prefix_decides(what, &monitored, for_rules))
			goto end;
	}
end:
	return for_rules ? monitored : prefix_found(what, monitored);
}

#endif
