/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_TRACE_H
#define AEGIS_ABI_TRACE_H

#include <linux/types.h>
#include "address.h"
#include "rates.h"

/* Which rates apply to a packet: the first of these that exists. */
enum aegis_rates_place {
	AEGIS_PLACE_KEY,
	AEGIS_PLACE_PORT_AND_PREFIX,
	AEGIS_PLACE_PORT,
	AEGIS_PLACE_PORTS_AND_PREFIX,
	AEGIS_PLACE_PORTS,
	AEGIS_PLACE_PREFIX,
	AEGIS_PLACE_CLASS,
	AEGIS_PLACE_DEFAULT,
	AEGIS_PLACES,
};

/* How far a packet got, one bit per stage. */
enum aegis_trace_stage {
	AEGIS_TRACED_PARSE = 1 << 0,
	AEGIS_TRACED_PROTECT = 1 << 1,
	AEGIS_TRACED_DROP = 1 << 2,
	AEGIS_TRACED_KEY = 1 << 3,
	AEGIS_TRACED_DEFAULT = 1 << 4,
	AEGIS_TRACED_RATE = 1 << 5,
	AEGIS_TRACED_REPLY = 1 << 6, /* it was admitted as a reply */
	AEGIS_TRACED_RELAY = 1 << 7, /* it was asked whether it is for the relay */
	AEGIS_TRACED_RULES = 1 << 8,
};

/* One of the four buckets that rates can have: bit 0 of its index is bytes, bit 1 all sources together. */
#define AEGIS_BUCKETS 4u
struct aegis_trace_bucket {
	struct aegis_rate rate;
	__u64 owed;    /* ticks, before the packet */
	__u64 cost;    /* ticks, of the packet */
	__u32 rates;   /* id of the rates it belongs to */
	__u32 outcome; /* 0 conforms, 1 exceeds, 2 contended; plus 4 if the shared word judged */
	__u32 judged;  /* 0: not reached */
	__u32 pad;
};

/*
 * What the datapath notes when it only tries a packet: nothing is counted, and copies of the buckets are
 * charged. Zero except for its first four fields before every run.
 */
struct aegis_trace {
	__u64 now;     /* ns of CLOCK_MONOTONIC to judge by */
	__u64 boot;    /* ns of CLOCK_BOOTTIME to judge by */
	__u32 charges; /* charge the buckets themselves, not copies: nothing else uses them */
	__u32 assumed; /* the number of the class that the packet is to have; 0: that of its address */
	__u32 reached; /* enum aegis_trace_stage */
	__u32 class;   /* the number of its class; 0 is none */
	__u32 reason;
	__u32 would_drop; /* 0 is none */
	__u64 protect;    /* AEGIS_FOUND, of each look-up */
	__u64 drop;
	__u64 drop_monitored; /* the entry that only counts before it */
	__u64 key;
	struct aegis_address source;
	__be16 port;
	__u8 family; /* enum aegis_family */
	__u8 protocol;
	__u16 network;     /* offset of the IP header in the frame; 0 is none */
	__u16 transport;   /* offset of the header after IP and its extensions; 0 is none */
	__u32 action;      /* enum aegis_action */
	__u32 is_sent;     /* it leaves by the other port of a wire */
	__u32 is_fragment; /* any fragment of a packet; under deny only keys without a port admit it */
	__u32 copied;      /* bit (1 << bucket): its line is in `line` */
	__u32 line_index[AEGIS_BUCKETS];  /* of the copies, in `cells` */
	__u32 source_rates[AEGIS_PLACES]; /* ids of the rates that hold, by enum aegis_rates_place; 0 is none
					   */
	__u32 total_rates[AEGIS_PLACES];
	__u32 rule;             /* the number of the rule that decided or limits it, plus one; 0 is none */
	__u32 rule_action;      /* enum aegis_rule_action, of that rule */
	__u64 rules_matched[8]; /* bit (1 << number): rules that it matched and that are only counted */
	__u32 port_key; /* the number of the key of several ports that lets it in, plus one; 0 is none */
	__u32 profile;  /* the number of the profile that it was judged by */
	struct aegis_trace_bucket bucket[AEGIS_BUCKETS];
	struct aegis_line line[AEGIS_BUCKETS];
};

_Static_assert(sizeof(struct aegis_trace_bucket) == 80, "ABI");
_Static_assert(sizeof(struct aegis_trace) == 848, "ABI");

#endif
