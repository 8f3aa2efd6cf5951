/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_CONFIG_H
#define AEGIS_ABI_CONFIG_H

#include <linux/types.h>
#include "address.h"
#include "rates.h"

/* What the datapath must check. A stage whose bit is clear costs one branch. */
enum aegis_stage {
	AEGIS_STAGE_CONFIGURED = 1 << 0,
	AEGIS_STAGE_DENY = 1 << 1,    /* the default action */
	AEGIS_STAGE_DROP_V4 = 1 << 2, /* the drop list of this family is not empty */
	AEGIS_STAGE_DROP_V6 = 1 << 3,
	AEGIS_STAGE_RATE = 1 << 6,        /* a default rate or rules */
	AEGIS_STAGE_RATE_SIMPLE = 1 << 7, /* only rates of packets for each source, by default or class */
	AEGIS_STAGE_MONITOR = 1 << 8,     /* packets that would be dropped pass */
	AEGIS_STAGE_DEADLINE = 1 << 9,    /* `deadline` is set */
	AEGIS_STAGE_SURVEY = 1 << 10,     /* `survey_until` is set */
	AEGIS_STAGE_EVENTS = 1 << 11,     /* `events` has a reader; the datapath clears it when it is gone */
	AEGIS_STAGE_CLASS = 1 << 12,      /* packets have classes */
	AEGIS_STAGE_CLASS_PREFIX = 1 << 13, /* `class_prefix` is not empty */
	AEGIS_STAGE_RELAY = 1 << 14,        /* `relay` has a port */
	AEGIS_STAGE_LISTS = 1 << 15,        /* there are lists of drop entries besides AEGIS_LIST_MANUAL */
	AEGIS_STAGE_RULES = 1 << 16,        /* `rules` has a set */
	AEGIS_STAGE_RULE_PEERS = 1 << 17,   /* rules name lists that the peer may be in */
	AEGIS_STAGE_RULE_LOCALS = 1 << 18,  /* the same of the local address */
	AEGIS_STAGE_REPLIES = 1 << 19,      /* under deny, replies to this host's own connections pass */
	AEGIS_STAGE_RULE_SOCKETS = 1 << 20, /* rules ask for the socket of a packet */
	AEGIS_STAGE_PROFILES = 1 << 21,     /* there are profiles besides main */
	AEGIS_STAGE_WHEN = 1 << 22,         /* `profiles` has a rate at which one comes into force */
	AEGIS_STAGE_HOOK = 1 << 23,         /* packets that pass are given to the operator's program */
	AEGIS_STAGE_HOOK_CLOSED = 1 << 24,  /* without that program, they are dropped */
	AEGIS_STAGE_RULE_HOOKS = 1 << 25,   /* only those that rules choose are given to it */
	AEGIS_STAGES_KNOWN = (AEGIS_STAGE_RULE_HOOKS << 1) - 1,
	/* Those that each profile has; the others are common to all, and those of main hold. */
	AEGIS_STAGES_OWN = AEGIS_STAGE_CONFIGURED | AEGIS_STAGE_DENY | AEGIS_STAGE_RATE |
			   AEGIS_STAGE_RATE_SIMPLE | AEGIS_STAGE_MONITOR | AEGIS_STAGE_RULES |
			   AEGIS_STAGE_RULE_PEERS | AEGIS_STAGE_RULE_LOCALS | AEGIS_STAGE_RULE_SOCKETS |
			   AEGIS_STAGE_REPLIES | AEGIS_STAGE_RULE_HOOKS,
	/* Those that may drop a packet. */
	AEGIS_STAGES_DROPPING = AEGIS_STAGE_DENY | AEGIS_STAGE_DROP_V4 | AEGIS_STAGE_DROP_V6 |
				AEGIS_STAGE_RATE | AEGIS_STAGE_RULES | AEGIS_STAGE_HOOK,
};

/*
 * Value of `config`, by profile. Each profile has its own rates and default, keys, rules and ports, which are
 * marked; the rest is common to all, and that of the first value holds.
 */
struct aegis_config {
	struct aegis_rates rates;     /* own; for packets that no rule selects */
	struct aegis_address mask_v4; /* the bits of a source that identify it to the limiter */
	struct aegis_address mask_v6;
	__u64 seed[3];        /* of the limiter's hash, drawn at load */
	__u64 next_expiry;    /* nothing needs sweeping before this, ns of CLOCK_BOOTTIME; 0: none expires */
	__u64 deadline;       /* ns of CLOCK_BOOTTIME; after it, if unconfirmed, everything passes */
	__u64 survey_until;   /* ns of CLOCK_MONOTONIC; sources are surveyed until then */
	__u32 stages;         /* enum aegis_stage; own: AEGIS_STAGES_OWN */
	__u32 rate_shapes;    /* own; enum aegis_rate_shape */
	__u16 key_shapes;     /* own; of keys in `key` and `key_prefix` */
	__u16 protect_shapes; /* of keys in `protect` and `protect_prefix` */
	__u32 geo;            /* the slot of the table of countries in force, plus one; 0: none */
	__u32 drop_v4;        /* the same of the drop lists */
	__u32 drop_v6;
	__u32 rules;       /* own; the same of the rules */
	__u32 port_keys;   /* own; the same of the keys of several ports */
	__u32 port_groups; /* own; the same of the several ports that rates are for */
	__u32 zero;        /* always 0, see any_reason() */
	__u16 first_port;  /* own; of those that the kernel gives to connections of this host, host order */
	__u16 last_port;   /* own */
	__u32 pad;
};

_Static_assert(sizeof(struct aegis_config) == 328, "ABI");

#endif
