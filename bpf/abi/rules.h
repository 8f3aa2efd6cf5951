/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_RULES_H
#define AEGIS_ABI_RULES_H

#include <linux/bpf.h>
#include <linux/types.h>
#include "counters.h"
#include "profiles.h"

/*
 * The rules of one direction: a bit for each rule, by its place in their order. For each dimension of a
 * packet a table gives the class of its value, and the class a set of rules: those that such a value leaves.
 * What all dimensions leave is what matches; the lowest bit is the first rule (T. V. Lakshman, D. Stiliadis,
 * "High-Speed Policy-Based Packet Forwarding Using Efficient Multi-dimensional Range Matching", 1998).
 */
#define AEGIS_RULES 256u
#define AEGIS_RULE_WORDS (AEGIS_RULES / 64u)
/* Of counters, for all profiles together. Rules that come get none of those of rules that go. */
#define AEGIS_RULE_NUMBERS (2 * AEGIS_RULES)
/* As many are for keys of several ports, after those of rules. */
#define AEGIS_MATCH_NUMBERS (2 * AEGIS_RULE_NUMBERS)
#define AEGIS_RULE_CLASSES 1024u /* of each dimension */

/*
 * How a value is classified: the low bits are its class, the others say which words of its set of rules are
 * not 0.
 */
#define AEGIS_RULE_CLASS_MASK (AEGIS_RULE_CLASSES - 1)
#define AEGIS_RULE_LIVE_SHIFT 10
#define AEGIS_RULE_DEEPER (1u << 15) /* the class is the number of a table with what comes after it */

/* The dimensions that one table classifies: DIMENSION(NAME, field, values, classes). Values in host order if
 * nothing else is said. */
#define AEGIS_RULE_DIMENSIONS(DIMENSION)                                             \
	DIMENSION(PROTOCOL, protocol, 256, 256)                                      \
	/* Network order; `no_ports` of the head is for packets without ports. */    \
	DIMENSION(PORT, port, 65536, 1024)                                           \
	DIMENSION(SOURCE_PORT, source_port, 65536, 1024)                             \
	DIMENSION(LENGTH, length, 65536, 1024)                                       \
	DIMENSION(HOP_LIMIT, hop_limit, 256, 256)                                    \
	DIMENSION(DSCP, dscp, 64, 64)                                                \
	/* enum aegis_rule_header << 8, with the flags of TCP or the type of ICMP */ \
	DIMENSION(HEADER, header, 1024, 1024)                                        \
	DIMENSION(VLAN, vlan, 4096, 1024)                                            \
	DIMENSION(FRAGMENT, fragment, 2, 2)                                          \
	DIMENSION(PEER_CLASS, peer_class, 64, 64)                                    \
	/* The slot of the interface, plus one; 0: it has none. */                   \
	DIMENSION(INTERFACE, interface, 128, 128)                                    \
	/* enum aegis_socket */                                                      \
	DIMENSION(SOCKET, socket, 4, 4)

enum aegis_rule_dimension {
#define AEGIS_ENUMERATOR(name, ...) AEGIS_RULE_##name,
	AEGIS_RULE_DIMENSIONS(AEGIS_ENUMERATOR)
#undef AEGIS_ENUMERATOR
	/* Those of addresses */
	AEGIS_RULE_PEER,
	AEGIS_RULE_LOCAL,
};

/* What a packet that comes in has to do with the sockets of this host. */
enum aegis_socket {
	AEGIS_SOCKET_UNASKED, /* or it is for none: a fragment, or neither TCP nor UDP */
	AEGIS_SOCKET_NONE,
	AEGIS_SOCKET_LISTEN,      /* for one that anybody may send to, or a request to connect */
	AEGIS_SOCKET_ESTABLISHED, /* of a connection, or of a connected socket of UDP */
};

/* What there is behind IP. */
enum aegis_rule_header {
	AEGIS_RULE_OTHER, /* or a later fragment */
	AEGIS_RULE_TCP,
	AEGIS_RULE_ICMP,
	AEGIS_RULE_ICMPV6,
};

/* Types of ICMP messages whose code matters, of both families together. */
#define AEGIS_RULE_CODES 32u

/* Ranges of addresses. */
#define AEGIS_RULE_RANGES 2048u
#define AEGIS_RULE_STEPS 11u /* of a search among all of them */
/* The upper halves of IPv6 addresses whose lower half matters. */
#define AEGIS_RULE_HALVES 512u

/* Parts of the numbers between the second range and the last one, so that few ranges are searched. */
#define AEGIS_RULE_PARTS 256u

/* Where the search for a number begins. */
struct aegis_rule_search {
	__u16 first;
	__u16 step; /* the first one: half of the ranges, as a power of two; 0: there is only one */
};

/*
 * 64 bits of addresses, in host order: the numbers at which ranges begin, in order, and how each is
 * classified. What follows the last one repeats it. An IPv4 address is its 32 bits.
 */
struct aegis_rule_ranges {
	__u64 start[AEGIS_RULE_RANGES];
	__u16 entry[AEGIS_RULE_RANGES];
	struct aegis_rule_search part[AEGIS_RULE_PARTS];
	__u64 base;  /* where the second range begins */
	__u32 shift; /* of the distance from there: its part */
	__u32 pad;
};

/* Lists of action none that rules name. */
#define AEGIS_RULE_LISTS 64u

struct aegis_rule_by_list {
	__u64 rules[AEGIS_RULE_LISTS][AEGIS_RULE_WORDS];
};

/* How the addresses of one end of a packet are classified. */
struct aegis_rule_place {
	struct aegis_rule_ranges v4;
	struct aegis_rule_ranges high; /* the upper half of an IPv6 address ... */
	struct aegis_rule_ranges low;  /* ... and the lower one, where it matters, without parts */
	struct aegis_rule_search half[AEGIS_RULE_HALVES]; /* in `low` */
	/* The rules that the prefix of an address leaves, by class. */
	__u64 rules[AEGIS_RULE_CLASSES][AEGIS_RULE_WORDS];
	/* Those that a list leaves too, and then those that a prefix and a list exclude. */
	struct aegis_rule_by_list by_list;
	__u64 excluded[AEGIS_RULE_CLASSES][AEGIS_RULE_WORDS];
	struct aegis_rule_by_list excluded_by_list;
};

enum aegis_rule_action {
	AEGIS_RULE_DROP,
	AEGIS_RULE_ALLOW, /* it is admitted */
	AEGIS_RULE_LIMIT, /* what follows decides whether it is admitted */
	AEGIS_RULE_KEY,   /* it is a key of several ports, in a set of such keys */
	AEGIS_RULE_HOOK,  /* what follows decides, and if it passes, the operator's program */
};

/* The most groups of ports that are looked at for a packet. */
#define AEGIS_PORT_GROUPS 4u

enum aegis_rule_flag {
	AEGIS_RULE_MONITOR = 1 << 0, /* it is counted, and the packet goes on to the next rule */
	/* It asks for what only the first fragment has: under deny it admits no fragment. */
	AEGIS_RULE_WHOLE = 1 << 1,
};

/* `rate` of a rule whose packets no rate judges. */
#define AEGIS_RULE_UNLIMITED (~0u)

struct aegis_rule_entry {
	__u64 expires; /* ns of CLOCK_BOOTTIME; 0 is never */
	__u32 rate;    /* key into `key_rate`, or AEGIS_RULE_UNLIMITED; 0: the rates decide */
	__u16 number;  /* of its counters; it stays when other rules change */
	__u8 action;   /* enum aegis_rule_action */
	__u8 flags;    /* enum aegis_rule_flag */
};

/* Bytes of the source form of all rules. */
#define AEGIS_RULES_SOURCE (256u << 10)

struct aegis_rule_head {
	__u64 all[AEGIS_RULE_WORDS];
	__u32 dimensions; /* bit (1 << enum aegis_rule_dimension): some rule asks for it */
	__u32 live;       /* bit (1 << word): this word of `all` is not 0 */
	__u32 count;      /* of rules */
	__u32 source_bytes;
	__u8 lowest[64];   /* the place of the lowest bit, by the upper six bits of a de Bruijn product */
	__u16 no_ports[4]; /* the entry of a packet without ports; of its port, and of its source port */
};

/*
 * The one value of an array in `rules`, which never changes: other rules are another array, so that a packet
 * is judged by all of one set.
 */
struct aegis_rule_set {
	struct aegis_rule_head head;
#define AEGIS_TABLE(name, field, values, classes) \
	__u16 field##_entry[values];              \
	__u64 field##_rules[classes][AEGIS_RULE_WORDS];
	AEGIS_RULE_DIMENSIONS(AEGIS_TABLE)
#undef AEGIS_TABLE
	__u16 code_entry[AEGIS_RULE_CODES][256];
	struct aegis_rule_place peer;
	struct aegis_rule_place local;
	struct aegis_rule_entry entry[AEGIS_RULES];
	char source[AEGIS_RULES_SOURCE]; /* by the tool: names, selectors and order as the operator gave them
					  */
};

#define AEGIS_RULE_DE_BRUIJN 0x03f79d71b4cb0a89ull

/* Value of `rule_counters`, by `number` of a rule or key, per CPU: packets that it matched. */
struct aegis_rule_counters {
	struct aegis_counter matched;
};

/*
 * `rules` has, for each profile, two slots for each set: the rules, the keys of several ports, and the
 * several ports that rates are for. `rules`, `port_keys` and `port_groups` of struct aegis_config name the
 * slots in force, from the first slot of that kind on.
 */
enum aegis_rule_kind {
	AEGIS_SET_RULES,
	AEGIS_SET_PORT_KEYS,
	AEGIS_SET_PORT_GROUPS,
	AEGIS_SET_KINDS,
};
#define AEGIS_PROFILE_RULE_SETS 6u
#define AEGIS_RULE_SETS (AEGIS_PROFILES * AEGIS_PROFILE_RULE_SETS)

#ifndef __bpf__
/* Where the parts of a set are. It is too large to be taken apart by its fields outside of C. */
struct aegis_rule_table {
	__u16 *entry;
	__u64 *rules; /* AEGIS_RULE_WORDS for each class */
	__u32 values;
	__u32 classes;
};

struct aegis_rule_table_of_ranges {
	__u64 *start;
	__u16 *entry;
	struct aegis_rule_search *part;
	__u64 *base;
	__u32 *shift;
};

struct aegis_rule_table_of_place {
	struct aegis_rule_table_of_ranges v4, high, low;
	struct aegis_rule_search *half;
	__u64 *rules;
	__u64 *by_list;
	__u64 *excluded;
	__u64 *excluded_by_list;
};

static inline struct aegis_rule_head *aegis_rule_head(void *set)
{
	return set;
}

static inline struct aegis_rule_entry *aegis_rule_entries(void *set)
{
	return ((struct aegis_rule_set *)set)->entry;
}

static inline char *aegis_rule_source(void *set)
{
	return ((struct aegis_rule_set *)set)->source;
}

static inline __u16 *aegis_rule_codes(void *set)
{
	return ((struct aegis_rule_set *)set)->code_entry[0];
}

static inline struct aegis_rule_table aegis_rule_table(void *set, enum aegis_rule_dimension dimension)
{
	struct aegis_rule_set *rules = set;

	switch (dimension) {
#define AEGIS_CASE(name, field, values, classes)                                                        \
	case AEGIS_RULE_##name:                                                                         \
		return (struct aegis_rule_table){rules->field##_entry, rules->field##_rules[0], values, \
						 classes};
		AEGIS_RULE_DIMENSIONS(AEGIS_CASE)
#undef AEGIS_CASE
	default:
		return (struct aegis_rule_table){0};
	}
}

static inline struct aegis_rule_table_of_ranges aegis_rule_ranges(struct aegis_rule_ranges *ranges)
{
	return (struct aegis_rule_table_of_ranges){ranges->start, ranges->entry, ranges->part, &ranges->base,
						   &ranges->shift};
}

static inline struct aegis_rule_table_of_place aegis_rule_place(void *set, int is_local)
{
	struct aegis_rule_place *place =
		is_local ? &((struct aegis_rule_set *)set)->local : &((struct aegis_rule_set *)set)->peer;

	return (struct aegis_rule_table_of_place){aegis_rule_ranges(&place->v4),
						  aegis_rule_ranges(&place->high),
						  aegis_rule_ranges(&place->low),
						  place->half,
						  place->rules[0],
						  place->by_list.rules[0],
						  place->excluded[0],
						  place->excluded_by_list.rules[0]};
}

static inline __u32 aegis_rule_set_bytes(void)
{
	return sizeof(struct aegis_rule_set);
}
#endif

_Static_assert(sizeof(struct aegis_rule_entry) == 16, "ABI");
_Static_assert(1u << AEGIS_RULE_STEPS == AEGIS_RULE_RANGES, "a search may begin with half of the ranges");
_Static_assert(AEGIS_PROFILE_RULE_SETS == 2 * AEGIS_SET_KINDS, "each set has two slots");
_Static_assert(AEGIS_RULE_WORDS == 4, "AEGIS_RULE_LIVE_SHIFT leaves four bits below AEGIS_RULE_DEEPER");

#endif
