/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the country of an address. */
#ifndef AEGIS_GEO_H
#define AEGIS_GEO_H

#include "maps.h"
#include "packet.h"

/* An entry for each 8 bits after the first 16. */
#define GEO_LEVELS 14

struct geo_bits {
	__u64 high, low;
};

static __always_inline struct geo_bits geo_bits(const struct packet *packet)
{
	struct geo_bits bits = {address_word(&packet->peer, 0), address_word(&packet->peer, 1)};

	return bits;
}

static __always_inline const struct aegis_geo_node *geo_node(void *table, __u32 number)
{
	return bpf_map_lookup_elem(table, &number);
}

/* 1 or 0, without a branch; both are less than 2^63. */
static __always_inline __u64 geo_begins_by(__u64 start, __u64 key)
{
	__u64 difference = ~(key - start);

	OPAQUE(difference);
	return difference >> 63;
}

/* The last of 32 ranges that begins at or before the key. */
static __always_inline __u32 geo_find_short(const struct aegis_geo_node *node, __u64 key)
{
	const __u16 *start = node->few.start;
	__u64 place = 8 * (geo_begins_by(start[8], key) + geo_begins_by(start[16], key) +
			   geo_begins_by(start[24], key));

	OPAQUE(place);
	start += place & 24;
	for (int i = 1; i < 8; i++)
		place += geo_begins_by(start[i], key);
	OPAQUE(place);
	return node->few.code[place & 31];
}

static __always_inline __u32 geo_find_long(const struct aegis_geo_node *node, __u64 key)
{
	__u64 place = 0;

	for (int i = 1; i < 12; i++)
		place += geo_begins_by(node->fine.start[i], key);
	OPAQUE(place);
	place &= 15;
	return place < 12 ? node->fine.code[place] : 0;
}

static __always_inline __u32 geo_find(void *table, struct geo_bits bits)
{
	const struct aegis_geo_node *node;
	__u64 place = bits.high >> 48;
	__u32 entry = place >> 5, kind;

	for (int level = 0;; level++) {
		node = geo_node(table, entry);
		if (!node)
			return 0;
		OPAQUE(place);
		entry = node->entry[place & 31];
		bits.high = level ? bits.high << 8 | bits.low >> 56 : bits.high << 16 | bits.low >> 48;
		bits.low <<= level ? 8 : 16;
		kind = entry >> AEGIS_GEO_KIND_SHIFT;
		entry &= (1u << AEGIS_GEO_KIND_SHIFT) - 1;
		if (kind != AEGIS_GEO_CHUNK || level == GEO_LEVELS)
			break;
		place = bits.high >> 56;
		entry += place >> 5;
	}
	if (kind == AEGIS_GEO_CODE)
		return entry;
	node = geo_node(table, entry);
	if (!node)
		return 0;
	if (kind == AEGIS_GEO_SHORT)
		return geo_find_short(node, bits.high >> 48);
	return kind == AEGIS_GEO_LONG ? geo_find_long(node, bits.high >> 1) : 0;
}

/* A global function so that the verifier walks it once. slot: as below. */
AEGIS_GLOBAL __u32 country_in_table(const struct packet *packet, __u32 slot)
{
	__u32 index = (slot - 1) * 2;
	void *table;

	if (!packet)
		return 0;
	index += packet->family == AEGIS_FAMILY_V6;
	table = bpf_map_lookup_elem(&geo, &index);
	return table ? geo_find(table, geo_bits(packet)) : 0;
}

/*
 * The code of the peer's country, with its file; 0 is unknown.
 * slot: `geo` of struct aegis_config, not 0; read once, because the other slot may come into force meanwhile.
 */
static __always_inline __u32 country_of(const struct packet *packet, __u32 slot)
{
	__u64 value = address_word(&packet->peer, 0) >> 48;
	__u32 part = ((slot - 1) * 2 + (packet->family == AEGIS_FAMILY_V6)) * AEGIS_GEO_ROOT_PARTS;
	const struct aegis_geo_root *root;
	__u32 code = 0;

	part += value >> 6;
	root = bpf_map_lookup_elem(&geo_root, &part);
	OPAQUE(value);
	if (root)
		code = root->code[value & 63];
	return code ? code - 1 : country_in_table(packet, slot);
}

#endif
