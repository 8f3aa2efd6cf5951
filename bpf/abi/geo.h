/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_GEO_H
#define AEGIS_ABI_GEO_H

#include <linux/bpf.h>
#include <linux/types.h>

/*
 * The countries of addresses. `geo` has an array of nodes for each slot and family; `geo` of struct
 * aegis_config says which slot is in force. The first nodes are the root: an entry for each value of the
 * first 16 bits of an address. An IPv4 address is taken as the first 32 of 128 bits.
 */
#define AEGIS_GEO_SLOTS 2u
#define AEGIS_GEO_TABLES (AEGIS_GEO_SLOTS * 2u) /* slot * 2, plus one for IPv6 */
#define AEGIS_INNER_FLAGS (BPF_F_INNER_MAP | BPF_F_MMAPABLE)
#define AEGIS_GEO_ROOT 2048u /* nodes */
#define AEGIS_GEO_CHUNK_NODES 8u
#define AEGIS_GEO_FILES 16u /* that a table is made of */

/* The upper two bits of an entry; the others are a code, or the number of a node. */
enum aegis_geo_kind {
	AEGIS_GEO_CODE,
	AEGIS_GEO_SHORT, /* a node with the next 16 bits of the addresses at which ranges begin */
	AEGIS_GEO_LONG,  /* likewise with the next 63 bits */
	AEGIS_GEO_CHUNK, /* the first of eight nodes: an entry for each value of the next 8 bits */
};

#define AEGIS_GEO_KIND_SHIFT 30

/*
 * Code 0 is unknown. Otherwise the low bits are the country by its two letters, 1 + (first * 26 + second),
 * each counted from A as 0; the others are the place of the file that said so, in `geo_info`.
 */
#define AEGIS_GEO_CODES (1u + 26u * 26u)
#define AEGIS_GEO_CODE_BITS 10
#define AEGIS_GEO_CODE_MASK 1023u

/*
 * Starts are in order, and what follows the last one repeats the greatest value and its code. The first
 * range begins before the node does.
 */
struct aegis_geo_short {
	__u16 start[32];
	__u16 code[32];
};

struct aegis_geo_long {
	__u64 start[12];
	__u16 code[12];
	__u64 pad;
};

struct aegis_geo_node {
	union {
		__u32 entry[32];
		struct aegis_geo_short few;
		struct aegis_geo_long fine;
	};
};

/*
 * Value of `geo_root`, at table * AEGIS_GEO_ROOT_PARTS + value / 64: for each value of the first 16 bits, the
 * code plus one where all addresses have the same one; 0: the table knows. Most addresses need nothing else.
 */
#define AEGIS_GEO_ROOT_PARTS 1024u
struct aegis_geo_root {
	__u16 code[64];
};

/* A file that a table is made of: value of `geo_info` at slot * AEGIS_GEO_FILES + its place. */
struct aegis_geo_file {
	__u64 loaded_at; /* seconds since the Unix epoch; 0: there is no such file */
	__u64 dated;     /* likewise, by its own header, or when it was last written */
	__u64 memory;    /* bytes of the whole table */
	__u64 hash;      /* of the whole table, by the tool */
	__u32 ranges_v4;
	__u32 ranges_v6;
	__u32 codes;    /* countries in the whole table */
	__u16 format;   /* by the tool */
	__u16 has_date; /* whether `dated` is from its header */
	char name[208]; /* zero terminated; its absolute path */
};

_Static_assert(AEGIS_GEO_CODE_MASK == (1u << AEGIS_GEO_CODE_BITS) - 1, "ABI");
_Static_assert(sizeof(struct aegis_geo_node) == 128, "ABI");
_Static_assert(sizeof(struct aegis_geo_file) == 256, "ABI");

#endif
