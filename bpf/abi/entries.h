/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_ENTRIES_H
#define AEGIS_ABI_ENTRIES_H

#include <linux/types.h>
#include "address.h"

enum aegis_entry_flag {
	AEGIS_ENTRY_PROTECTED = 1 << 0,
	AEGIS_ENTRY_MONITOR = 1 << 1, /* of a drop entry: counted as would-drop, and the packet continues */
};

/* Value of every key map. */
struct aegis_entry {
	__u64 expires;      /* ns of CLOCK_BOOTTIME; 0 is never. An expired entry counts as absent. */
	__u64 hits;         /* packets it decided or, for a key, passed on to the limiter */
	__u32 note;         /* key into `notes`; 0 is none */
	__u32 rate;         /* key into `key_rate`, below 2^27; 0 is none, the rules decide */
	__u16 flags;        /* enum aegis_entry_flag */
	__u8 prefix_length; /* of its source; the datapath falls back from an expired one to a shorter one */
	__u8 pad[5];
};

/* Key of `key` and `protect`. A zero field is a wildcard; with family ANY the source is zero. */
struct aegis_key {
	__u8 family; /* enum aegis_family, and from AEGIS_PROFILE_FAMILY_SHIFT on the number of its profile */
	__u8 protocol; /* IANA number; 0 is any */
	__be16 port;   /* destination; 0 is any */
	struct aegis_address source;
};

/* Key of `key_prefix` and `protect_prefix`; the head must match in full. */
#define AEGIS_KEY_HEAD_BITS 32u
struct aegis_key_prefix {
	__u32 length; /* AEGIS_KEY_HEAD_BITS + bits of the source */
	struct aegis_key key;
};

/*
 * Which keys exist, so that the datapath looks for no others: bit (ports << 2 | source).
 * A bit may be set without such a key, but never the reverse.
 */
enum aegis_key_source {
	AEGIS_KEY_SOURCE_ANY,
	AEGIS_KEY_SOURCE_HOST,
	AEGIS_KEY_SOURCE_PREFIX,
};
enum aegis_key_ports {
	AEGIS_KEY_PROTOCOL_PORT,
	AEGIS_KEY_PROTOCOL,
	AEGIS_KEY_PORT,
	AEGIS_KEY_NEITHER,
	AEGIS_KEY_PORTS_COUNT,
};

/* What a lookup found, in one word; 0 is nothing. */
#define AEGIS_FOUND 1ull                      /* an entry that decides */
#define AEGIS_FOUND_MONITOR 2ull              /* an entry that only counts what it would drop */
#define AEGIS_FOUND_RATE_SHIFT 2              /* 27 bits: its `rate` */
#define AEGIS_FOUND_HOST (1ull << 29)         /* of a drop: it is of one address */
#define AEGIS_FOUND_MONITOR_HOST (1ull << 30) /* the entry that only counts is */
#define AEGIS_FOUND_LENGTH_SHIFT 32           /* 8 bits: its `prefix_length` */
#define AEGIS_FOUND_PORTS_SHIFT 40            /* of a key, 2 bits: enum aegis_key_ports */
#define AEGIS_FOUND_SOURCE_SHIFT 44           /* of a key, 2 bits: enum aegis_key_source */
#define AEGIS_FOUND_LIST_SHIFT 48             /* of a drop, 16 bits: the `list` of its record */
#define AEGIS_FOUND_PROFILE_SHIFT 48          /* of a key, 4 bits: the number of its profile */

/* Key of `notes` is a __u32 hash of the text, never 0; its value: */
/* Number of distinct texts; entries with the same text share one. */
#define AEGIS_NOTES 4096u

struct aegis_note {
	char text[64]; /* UTF-8, zero terminated and padded */
};

_Static_assert(sizeof(struct aegis_entry) == 32, "ABI");
_Static_assert(sizeof(struct aegis_key) == 20, "ABI");
_Static_assert(sizeof(struct aegis_key_prefix) == 24, "ABI");
_Static_assert(sizeof(struct aegis_note) == 64, "ABI");

#endif
