/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_PREFIX_H
#define AEGIS_ABI_PREFIX_H

#include <linux/types.h>

/*
 * Tables of prefixes, one for each slot and family: an array of elements, as large as its list needs, with a
 * head that says where its parts begin. A filter says which lengths may have an address; each of them is one
 * look-up in a hash of lines of eight words. Nothing is ever moved, so that readers need no lock: one store
 * of a word adds or removes an entry, and bits of the filter that are left over cost time, never an answer.
 *
 * Addresses are in host order. An IPv6 address is two words, `high` with its first 64 bits.
 */
#define AEGIS_PREFIX_SLOTS 2u
#define AEGIS_PREFIX_TABLES (AEGIS_PREFIX_SLOTS * 2u) /* slot * 2, plus one for IPv6 */
#define AEGIS_PREFIX_WORDS 8u                         /* in a line */
#define AEGIS_PREFIX_WALK 16u                         /* lines that may have an entry */

/*
 * A word of IPv4:  key (33 bits) | overflow | length (6) | record (24)
 * A word of IPv6:  tag (33 bits) | overflow | number of its entry (30)
 * Key or tag 0 is a free word, and no two words of a line have the same one. The overflow bit is that of the
 * line and only in its first word: an entry that did not fit here is further on.
 */
#define AEGIS_PREFIX_KEY_SHIFT 31
#define AEGIS_PREFIX_OVERFLOW (1ull << 30)
#define AEGIS_PREFIX_LENGTH_SHIFT 24
#define AEGIS_PREFIX_LENGTH_MASK 63u
#define AEGIS_PREFIX_RECORD_MASK 0xffffffu
#define AEGIS_PREFIX_ENTRY_MASK 0x3fffffffu

/*
 * What entries have in common; it does not change. Record 0 is of the list AEGIS_LIST_MANUAL, always decides
 * and is not read. An entry that is in several lists has a record for each of them, by their numbers.
 */
struct aegis_prefix_record {
	__u64 expires; /* ns of CLOCK_BOOTTIME; 0 is never */
	__u32 note;    /* key into `notes`; 0 is none */
	__u16 flags;   /* enum aegis_entry_flag */
	__u16 list;    /* its number */
	__u32 next;    /* the record of the next list; 0 is none */
	__u32 pad;
	__u64 spare;
};
#define AEGIS_PREFIX_LISTS 16u /* that one entry may be in */

/* An entry of IPv6, marked below its prefix; see aegis_prefix_key_v6(). */
struct aegis_prefix_entry {
	__u64 high;
	__u64 low;
	__u64 hits; /* packets */
	__u32 record;
	__u32 length; /* bits; AEGIS_PREFIX_FREE: free, and `low` is the next free one */
};
#define AEGIS_PREFIX_FREE 255u

/* A line of IPv4, with packets beside the words. */
struct aegis_prefix_line {
	__u64 word[AEGIS_PREFIX_WORDS];
	__u64 hits[AEGIS_PREFIX_WORDS];
};

/* The lengths above 32 by the first 32 bits. A place without `subs` is free. */
#define AEGIS_PREFIX_BLOCKS 6u
struct aegis_prefix_blocks {
	__u64 fine[AEGIS_PREFIX_BLOCKS];   /* lengths 65 to 128: bit 128 - length */
	__u32 top[AEGIS_PREFIX_BLOCKS];    /* the first 32 bits */
	__u32 coarse[AEGIS_PREFIX_BLOCKS]; /* lengths 33 to 64: bit 64 - length */
	__u32 subs[AEGIS_PREFIX_BLOCKS];   /* which of the next 16 bits have any, by aegis_prefix_sub() */
	__u32 overflow;                    /* a block that did not fit here is further on */
	__u32 pad;
};

union aegis_prefix_element {
	__u64 word[16];
	__u32 half[32];
	struct aegis_prefix_line line;
	struct aegis_prefix_blocks blocks;
	struct aegis_prefix_entry entry[4];
	struct aegis_prefix_record record[4];
};

/*
 * The parts of a table, by the elements at which they begin. The first element of an array is the head; what
 * the datapath reads of it has a copy in a map of its own, where a look-up is cheaper.
 *
 * - filter, IPv4: a word for each value of the first bits. Its low half has the lengths in or over them, bit
 *   32 - length; its high half the values of the next 5 bits that have a length which is in no
 *   `short_lengths`.
 * - filter, IPv6: a half for each hash of the first 24 bits. Lengths 16 to 32, bit 32 - length; bit 31: there
 *   are longer ones, in `blocks`.
 * - near, IPv6: a bit for each hash of the first 24 bits, two for each half of the filter. It stays in the
 *   cache, and where it is clear, the filter need not be looked at.
 * - blocks, IPv6: `block_lines` elements.
 * - bloom, IPv6: a bit for each hash of an entry.
 * - buckets: `lines` lines. IPv4: an element each; IPv6: the 8 words of half an element.
 * - entries, IPv6.
 * - records.
 */
struct aegis_prefix_head {
	__u64 seed[2]; /* odd, random and secret, so that no list can fill one line */
	__u64 always;  /* lengths that the filter has not. IPv4: bit 32, for 0; IPv6: bit 64 - length, bit 0
			  for 0 */
	__u32 filter;
	__u32 blocks;
	__u32 bloom;
	__u32 buckets;
	__u32 entries;
	__u32 records;
	__u32 elements;      /* of the whole table */
	__u32 lines;         /* prime */
	__u32 block_lines;   /* prime */
	__u32 shift;         /* IPv4: of an address; IPv6: of a hash of 64 bits */
	__u32 bloom_shift;   /* of a hash of 64 bits */
	__u32 short_lengths; /* IPv4: those that the filter has in full, bit 32 - length */
	__u64 zero;          /* 0, which the verifier does not know */
	/* The rest is the tool's. */
	__u32 count;        /* entries */
	__u32 removed;      /* since the table was made */
	__u32 records_used; /* with record 0 */
	__u32 records_room;
	__u32 entries_used;
	__u32 entries_room;
	__u32 free_entry; /* the first free one below `entries_used`, plus one; 0: none */
	__u32 blocks_used;
	/* The datapath's again. */
	__u32 near; /* 0: the table has none */
	__u32 pad[3];
};

#define AEGIS_PREFIX_GOLDEN 0x9e3779b97f4a7c15ull

/* The marker, one bit, is 1 << (32 - length). */
static inline __u64 aegis_prefix_key_v4(__u32 address, __u64 marker)
{
	return ((__u64)address << 1 & -(marker << 1)) | marker;
}

static inline __u64 aegis_prefix_mix_v4(__u64 key, __u64 seed)
{
	key *= seed;
	key ^= key >> 32;
	return key * AEGIS_PREFIX_GOLDEN;
}

/* Half of an IPv6 prefix that ends in it, with a bit set below its end. bit: 1 << (64 - its length in this
 * half) */
static inline __u64 aegis_prefix_key_v6(__u64 half, __u64 bit)
{
	return (half & -bit) | bit >> 1;
}

/* whole: 1 for a prefix of 128 bits, which has no mark. */
static inline __u64 aegis_prefix_mix_v6(__u64 high, __u64 low, __u32 whole, __u64 seed0, __u64 seed1)
{
	__u64 mixed = (high ^ seed1) * seed0;

	mixed ^= mixed >> 32;
	mixed = (mixed + low + whole * AEGIS_PREFIX_GOLDEN) * seed1;
	mixed ^= mixed >> 32;
	return mixed * AEGIS_PREFIX_GOLDEN;
}

static inline __u64 aegis_prefix_tag(__u64 mixed)
{
	return (mixed & 0xffffffffull) | 1ull << 32;
}

/* The first line for an entry, and how far it is to the next one. */
static inline __u32 aegis_prefix_line(__u64 mixed, __u32 lines)
{
	return (mixed >> 32) * lines >> 32;
}

static inline __u32 aegis_prefix_step(__u64 mixed, __u32 lines)
{
	return 1 + ((mixed & 0xffffffffull) * (lines - 1) >> 32);
}

/* The place of the first 24 bits in the filter of IPv6. */
static inline __u32 aegis_prefix_far(__u64 high, __u64 seed, __u32 shift)
{
	return ((high >> 40) * seed) >> shift;
}

static inline __u64 aegis_prefix_mix_block(__u32 top, __u64 seed)
{
	return aegis_prefix_mix_v4((__u64)top << 1 | 1, seed);
}

/* A bit for the first 48 bits. */
static inline __u32 aegis_prefix_sub(__u64 high, __u64 seed)
{
	return 1u << ((high >> 16) * seed >> 59);
}

#ifndef __bpf__
/* What was written before is seen by who sees this. */
static inline void aegis_prefix_publish(__u64 *word, __u64 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void aegis_prefix_publish_half(__u32 *half, __u32 value)
{
	__atomic_store_n(half, value, __ATOMIC_RELEASE);
}

/* While programs add to it too. */
static inline void aegis_prefix_add(__u64 *hits, __u64 count)
{
	__atomic_fetch_add(hits, count, __ATOMIC_RELAXED);
}
#endif

_Static_assert(sizeof(struct aegis_prefix_record) == 32, "ABI");
_Static_assert(sizeof(struct aegis_prefix_entry) == 32, "ABI");
_Static_assert(sizeof(union aegis_prefix_element) == 128, "ABI");
_Static_assert(sizeof(struct aegis_prefix_head) == 128, "ABI");

#endif
