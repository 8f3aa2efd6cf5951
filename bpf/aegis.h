/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ABI between the datapath and whoever administers it: pin names, keys, values and reasons.
 * Included by the BPF program and, through module.modulemap, by Swift. Fields are fixed-width,
 * widest first, in host byte order unless their comment says otherwise; padding is explicit and zero.
 */
#ifndef AEGIS_H
#define AEGIS_H

#ifdef __bpf__
#include <linux/types.h>
#else
#include <stdint.h>
typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int64_t __s64;
typedef uint16_t __be16;
typedef uint32_t __be32;
#endif

/* Bumped whenever a value below changes shape or meaning. */
#define AEGIS_ABI_VERSION 4u

/* ---- Pins, below the pin root ---------------------------------------------------------- */

#define AEGIS_PROGRAM "aegis"

#define AEGIS_MAP_CARRIED "carried"
#define AEGIS_MAP_CELLS "cells"
#define AEGIS_MAP_CONFIG "config"
#define AEGIS_MAP_COUNTERS "counters"
#define AEGIS_MAP_DROP_V4 "drop_v4"
#define AEGIS_MAP_DROP_V6 "drop_v6"
#define AEGIS_MAP_DROP_PREFIX_V4 "drop_prefix_v4"
#define AEGIS_MAP_DROP_PREFIX_V6 "drop_prefix_v6"
#define AEGIS_MAP_EVENT_FILTER "event_filter"
#define AEGIS_MAP_EVENT_STATE "event_state"
#define AEGIS_MAP_EVENTS "events"
#define AEGIS_MAP_INTERFACES "interfaces"
#define AEGIS_MAP_KEY "key"
#define AEGIS_MAP_KEY_PREFIX "key_prefix"
#define AEGIS_MAP_KEY_RATE "key_rate"
#define AEGIS_MAP_LATENCY "latency"
#define AEGIS_MAP_META "meta"
#define AEGIS_MAP_NOTES "notes"
#define AEGIS_MAP_OFFENDERS "offenders"
#define AEGIS_MAP_PROTECT "protect"
#define AEGIS_MAP_PROTECT_PREFIX "protect_prefix"
#define AEGIS_MAP_RATE_PORT "rate_port"
#define AEGIS_MAP_RATE_PREFIX "rate_prefix"
#define AEGIS_MAP_SURVEY "survey"
#define AEGIS_MAP_TOTAL_PREFIX "total_prefix"

/* ---- Reasons --------------------------------------------------------------------------- */

/* Every packet gets exactly one. REASON(VERDICT, NAME, "shown as", "meaning"); new ones come last. */
#define AEGIS_PASS_REASONS(REASON)                                                                          \
	REASON(PASS, DEFAULT, "default", "no entry names it and the default is allow")                      \
	REASON(PASS, PROTECTED, "protected", "a protected key lets it in")                                  \
	REASON(PASS, KEY, "key", "an allow key lets it in")                                                 \
	REASON(PASS, ARP, "arp", "ARP, never filtered")                                                     \
	REASON(PASS, NEIGHBOUR, "neighbour", "IPv6 neighbour discovery or a multicast listener query")      \
	REASON(PASS, LINK_CONTROL, "link-control", "LACP, STP, LLDP, 802.1X or PTP peer delay, untagged")   \
	REASON(PASS, PACKET_TOO_BIG, "packet-too-big", "path MTU discovery, when the default is deny")      \
	REASON(PASS, FRAGMENT, "fragment", "a later fragment, when the default is allow")                   \
	REASON(PASS, NOT_IP, "not-ip", "neither IP nor ARP, when the default is allow")                     \
	REASON(PASS, UNCONFIGURED, "unconfigured", "the datapath has no configuration and fails open")      \
	REASON(PASS, UNCONFIRMED, "unconfirmed", "the policy was not confirmed in time: everything passes") \
	REASON(PASS, MONITORED, "monitored", "it would be dropped, but the mode is monitor")

#define AEGIS_DROP_REASONS(REASON)                                                                          \
	REASON(DROP, HOST, "host", "its source address is on the drop list")                                \
	REASON(DROP, PREFIX, "prefix", "its source is in a prefix on the drop list")                        \
	REASON(DROP, RATE, "rate", "its source is over its rate")                                           \
	REASON(DROP, DEFAULT, "default", "no key names it and the default is deny")                         \
	REASON(DROP, MALFORMED, "malformed", "a truncated or lying header")                                 \
	REASON(DROP, EXTENSION_HEADERS, "extension-headers", "more IPv6 extension headers than are walked") \
	REASON(DROP, FRAGMENT, "fragment", "a later fragment no key names, when the default is deny")       \
	REASON(DROP, NOT_IP, "not-ip", "neither IP nor ARP, when the default is deny")                      \
	REASON(DROP, VLAN_TAGS, "vlan-tags", "more VLAN tags than are read")

/* Room in the counters: a reason that a later version adds changes the size of nothing. */
#define AEGIS_VERDICT_REASONS 16u
#define AEGIS_REASON_ROOM (2 * AEGIS_VERDICT_REASONS)

enum aegis_reason {
#define AEGIS_ENUMERATOR(verdict, name, text, meaning) AEGIS_##verdict##_##name,
	AEGIS_PASS_REASONS(AEGIS_ENUMERATOR)
	/* */ AEGIS_PASS_END,
	AEGIS_DROP_BEGIN = AEGIS_VERDICT_REASONS - 1,
	AEGIS_DROP_REASONS(AEGIS_ENUMERATOR)
#undef AEGIS_ENUMERATOR
	/* */ AEGIS_DROP_END
};

/* The first reason that drops; those below it pass. */
#define AEGIS_REASON_FIRST_DROP AEGIS_DROP_HOST

#ifndef __bpf__
struct aegis_reason_text {
	const char *name;
	const char *meaning;
};

static inline struct aegis_reason_text aegis_reason_text(__u32 reason)
{
	switch (reason) {
#define AEGIS_CASE(verdict, name, text, meaning) \
	case AEGIS_##verdict##_##name:           \
		return (struct aegis_reason_text){text, meaning};
		AEGIS_PASS_REASONS(AEGIS_CASE)
		AEGIS_DROP_REASONS(AEGIS_CASE)
#undef AEGIS_CASE
	default:
		return (struct aegis_reason_text){"unknown", "a reason of another version"};
	}
}
#endif

/* ---- Counters -------------------------------------------------------------------------- */

struct aegis_counter {
	__u64 packets;
	__u64 bytes; /* of whole frames, Ethernet header included */
};

/*
 * Value of `counters`, per CPU; only ever grow while an interface keeps its slot. Also of `carried`, once for
 * all CPUs: what was counted under a layout before this one.
 */
struct aegis_counters {
	struct aegis_counter reason[AEGIS_REASON_ROOM];
	/* Less AEGIS_REASON_FIRST_DROP: what monitored entries, rates, or the mode let pass instead. */
	struct aegis_counter would_drop[AEGIS_VERDICT_REASONS];
	__u64 shared;    /* limited packets whose set was full: judged by its shared bucket */
	__u64 contended; /* packets dropped because a cell changed under them too often */
};

/*
 * Interfaces are spread over the slots by the low bits of their index; a slot that is taken by another
 * moves one on to a neighbour, AEGIS_SLOT_PROBES of them at most (index ^ 0, 1, 2, 3). The slot after
 * the last counts packets from interfaces that no slot names.
 */
#define AEGIS_SLOTS 64u
#define AEGIS_SLOT_PROBES 4u
#define AEGIS_SLOT_OTHER AEGIS_SLOTS

/*
 * Value of `interfaces`, by slot. Written when a link is made, read by the datapath. A slot with a mode is
 * declared: its interface is to have a link, which `repair` makes anew when it is lost. Detaching zeroes the
 * mode and leaves the slot to its counters.
 */
struct aegis_interface {
	__u64 netns;   /* inode of the network namespace the link was made in */
	__u32 ifindex; /* in that namespace; 0 is a free slot */
	__u32 mode;    /* XDP_FLAGS_DRV_MODE, _SKB_MODE or _HW_MODE; 0 is detached on purpose */
	char name[16]; /* when it was attached */
};

/* ---- Drop entries and allow keys ------------------------------------------------------- */

enum aegis_entry_flag {
	AEGIS_ENTRY_PROTECTED = 1 << 0,
	AEGIS_ENTRY_MONITOR = 1 << 1, /* of a drop: counted as would-drop, and the packet goes on */
};

/* Value of every drop and key map. */
struct aegis_entry {
	__u64 expires;      /* ns of CLOCK_BOOTTIME; 0 is never. Expired is absent. */
	__u64 hits;         /* packets it decided or, for a key, let on to the limiter */
	__u32 note;         /* key into `notes`; 0 is none */
	__u32 rate;         /* key into `key_rate`, below 2^27; 0 is none, the rules decide */
	__u16 flags;        /* enum aegis_entry_flag */
	__u8 prefix_length; /* of its source; the datapath falls back from an expired one to a shorter */
	__u8 pad[5];
};

/* Key of `drop_v4`: the address itself, __be32. Key of `drop_v6`: */
struct aegis_address {
	__u8 octet[16]; /* network order; an IPv4 address is the first four, the rest zero */
};

struct aegis_prefix_v4 {
	__u32 length;   /* bits, 0 to 32 */
	__be32 address; /* host bits zero */
};

struct aegis_prefix_v6 {
	__u32 length; /* bits, 0 to 128 */
	struct aegis_address address;
};

enum aegis_family {
	AEGIS_FAMILY_ANY = 0,
	AEGIS_FAMILY_V4 = 4,
	AEGIS_FAMILY_V6 = 6,
};

/* Key of `key` and `protect`. A zero field is a wildcard; family ANY has a zero source. */
struct aegis_key {
	__u8 family;   /* enum aegis_family */
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
 * Which keys exist, so that the datapath looks for no other: bit (ports << 2 | source).
 * A bit may be set without such a key, never the other way round.
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

/* What a look-up among entries found, in one word; 0 is nothing. */
#define AEGIS_FOUND 1ull            /* an entry that decides */
#define AEGIS_FOUND_MONITOR 2ull    /* one that only counts what it would drop */
#define AEGIS_FOUND_RATE_SHIFT 2    /* 27 bits: its `rate` */
#define AEGIS_FOUND_LENGTH_SHIFT 32 /* 8 bits: its `prefix_length` */
#define AEGIS_FOUND_PORTS_SHIFT 40  /* of a key, 2 bits: enum aegis_key_ports */
#define AEGIS_FOUND_SOURCE_SHIFT 44 /* of a key, 2 bits: enum aegis_key_source */

/* Key of `notes` is a __u32 hash of the text, never 0; its value: */
/* Distinct texts; entries with the same text share one. */
#define AEGIS_NOTES 4096u

struct aegis_note {
	char text[64]; /* UTF-8, zero terminated and padded */
};

/* ---- The limiter ----------------------------------------------------------------------- */

/*
 * GCRA (ITU-T I.371; RFC 2697 has the token-bucket view): the state of a bucket is its theoretical arrival
 * time, TAT. A packet conforms while TAT - now + cost <= depth, and then moves it on by its cost, which is
 * interval * (1 or its bytes). Ticks are 1 ns, or 2^-8 ns for a rate so fast that a nanosecond is coarse.
 */
#define AEGIS_FINE_SHIFT 8u
#define AEGIS_INTERVAL_SHIFT 16u

enum aegis_rate_flag {
	AEGIS_RATE_FINE = 1 << 0,    /* ticks of 2^-AEGIS_FINE_SHIFT ns */
	AEGIS_RATE_WINDOW = 1 << 1,  /* `amount` in each aligned period instead: the TAT starts at its end */
	AEGIS_RATE_PER_CPU = 1 << 2, /* each CPU has a bucket of its own, of its share */
	AEGIS_RATE_BITS = 1 << 3,    /* a rate of bytes was written in bits */
	AEGIS_RATE_MONITOR = 1 << 4, /* over it is counted as would-drop, and passes */
};

struct aegis_rate {
	__u64 interval; /* 2^-AEGIS_INTERVAL_SHIFT ticks a packet or byte, rounded up; 0 is unlimited */
	__u64 depth;    /* ticks: burst * interval, of one CPU's share */
	__u64 amount;   /* as the operator wrote it: packets, bytes or bits ... */
	__u64 burst;    /* packets or bytes that may come at once, at least 1 */
	__u32 period;   /* ... in this many seconds */
	__u32 flags;    /* enum aegis_rate_flag */
	/* Where in `cells` its buckets lie, and those of no other rate: so many lines, a power of two, less
	 * one. */
	__u32 first_line;
	__u32 line_mask;
};

/* Both must conform. */
struct aegis_rule {
	struct aegis_rate packets;
	struct aegis_rate bytes;
};

/*
 * Value of `rate_port`, `rate_prefix`, `total_prefix` and `key_rate`: what holds for the packets that the key
 * selects. `rate_prefix` has only rates for each source and `total_prefix` only totals, or else one of a
 * longer prefix would hide the other of a shorter.
 */
struct aegis_rates {
	struct aegis_rule source; /* for each source by itself */
	struct aegis_rule total;  /* for all of them together */
	__u32 id;                 /* of this selector's buckets; stays when its rates change */
	__u32 length; /* of its key in a trie, where a look-up may answer with a shorter one; else 0 */
};

#define AEGIS_RATE_PORTS 512u
#define AEGIS_RATE_PREFIXES 8192u

/* Of `key_rate`, whose key is the `rate` of entries. */
#define AEGIS_KEY_RATES 1024u

/* Key of `rate_port`. */
struct aegis_port {
	__u8 protocol;
	__u8 pad;
	__be16 port;
};

/* Which rules exist beside the default one, so that the datapath looks for no other. */
enum aegis_rate_shape {
	AEGIS_RATE_BY_PREFIX = 1 << 0,
	AEGIS_RATE_BY_PORT = 1 << 1,
	AEGIS_RATE_BY_PORT_AND_PREFIX = 1 << 2,
	AEGIS_TOTAL_BY_PREFIX = 1 << 3,
	AEGIS_TOTAL_BY_PORT_AND_PREFIX = 1 << 4,
};

/*
 * A way is one 64-bit word, so that one compare-and-swap changes all of it:
 * bit 63 the tick is fine, bits 62-48 the tag (never 0), bits 47-0 the TAT modulo 2^48 ticks.
 * A word of 0, or a TAT that has passed, is a free way: an absent source has no debt.
 */
#define AEGIS_TAT_BITS 48u
#define AEGIS_TAT_MASK ((1ULL << AEGIS_TAT_BITS) - 1)
#define AEGIS_WAY_FINE (1ULL << 63)
#define AEGIS_TAG_MASK 0x7fffULL

/* A TAT lies at most this many ticks ahead; further is one that wrapped. depth <= this. */
#define AEGIS_TAT_HORIZON (1ULL << 46)

/* ns: the horizon in fine ticks. A line not scrubbed in this epoch may hold wrapped TATs. */
#define AEGIS_EPOCH_SHIFT (46u - AEGIS_FINE_SHIFT)

#define AEGIS_WAYS 6u

/*
 * Value of `cells`: a set, one cache line, with buckets of one rate only. What a flood leaves in the lines of
 * its rate, in the ways or in the shared word, never judges a packet of another.
 */
struct aegis_line {
	__u64 epoch;                /* now >> AEGIS_EPOCH_SHIFT when its passed TATs were last zeroed */
	__u64 word[1 + AEGIS_WAYS]; /* first the one that all share that find no way free, then the ways */
};

/* Key of `offenders`. */
struct aegis_offender_key {
	struct aegis_address source; /* masked as the limiter saw it */
	__u32 rates;                 /* id of the rates it was over */
	__u32 family;                /* enum aegis_family */
};

/* Packets dropped are noted one in so many, so that a flood cannot make the noting expensive. */
#define AEGIS_OFFENDER_SAMPLE 64u
#define AEGIS_OFFENDERS 1024u

/* Value of `offenders`, the least recently noted of which make room. */
struct aegis_offender {
	__u64 packets; /* dropped, an estimate: samples * AEGIS_OFFENDER_SAMPLE */
	__u64 first;   /* ns of CLOCK_BOOTTIME */
	__u64 last;
};

/* ---- The survey ------------------------------------------------------------------------ */

/*
 * What sources really send, kept only while asked for, to propose a rate from. Counts packets that reach the
 * limiter. Sources that come when it is full are not in it, but count as missed.
 */
#define AEGIS_SURVEY_SOURCES 65536u
#define AEGIS_SURVEY_WINDOW 100000000ULL /* ns */

/* Key of `survey`; all zero is those that were missed. */
struct aegis_survey_key {
	struct aegis_address source; /* masked as the limiter sees it */
	__u32 family;                /* enum aegis_family */
};

struct aegis_survey {
	__u64 packets;
	__u64 bytes;
	__u64 window;  /* ns of CLOCK_MONOTONIC / AEGIS_SURVEY_WINDOW of the last packet */
	__u32 current; /* packets in that window */
	__u32 peak;    /* packets in the fullest window */
};

/* ---- Events ---------------------------------------------------------------------------- */

/* Bytes of the ring buffer `events`. */
#define AEGIS_EVENTS_SIZE (1u << 20)
/* Of a frame, from its first byte on. */
#define AEGIS_EVENT_SNAP 256u

/*
 * The one value of `event_filter`: which packets are told, and how many of them at the most. Mapped by the
 * reader, so that it can say that it is still there without touching the bucket.
 */
struct aegis_event_filter {
	struct aegis_rate budget;    /* of packets; interval 0 is no limit */
	struct aegis_line line;      /* where the budget is kept, one bucket for all CPUs */
	struct aegis_address source; /* of the packet, after `mask`; host bits zero */
	struct aegis_address mask;   /* network order */
	__u64 until;                 /* ns of CLOCK_MONOTONIC; the reader moves it on while it reads */
	__u32 reasons;               /* bit (1 << reason), of what decided or would have dropped */
	__u32 family;                /* enum aegis_family of the source; ANY is no condition */
	__u32 ifindex;               /* 0 is any */
	__u32 sample;                /* one in so many is told; 0 is all */
	__u32 turn;                  /* the reader counts its looks: a CPU that paused looks again */
	__u32 pad;
};

/* Value of `event_state`, per CPU. What was neither told, skipped nor lost, the budget held back. */
struct aegis_event_state {
	__u64 matched; /* packets that the filter lets through */
	__u64 told;
	__u64 skipped; /* passed over by the sample */
	__u64 lost;    /* would have been told, but the ring was full */
	__u64 tick;    /* jiffies, when the clock was last asked whether the reader is gone */
	__u32 skip;    /* of the sample: packets still to be passed over */
	__u32 pause;   /* packets passed over without asking for the time, since the budget was used up */
	__u32 backoff; /* how long pauses are now */
	__u32 turn;    /* of the filter, when the pause began */
};

/* A record of `events`. */
struct aegis_event {
	__u64 time;  /* ns of CLOCK_BOOTTIME */
	__u64 found; /* AEGIS_FOUND of the entry that decided, or would have dropped */
	struct aegis_address source;
	struct aegis_address destination;
	__u32 ifindex;
	__u32 length;     /* bytes of the frame */
	__u32 reason;     /* enum aegis_reason */
	__u32 would_drop; /* the same; 0 is none */
	__u32 rates;      /* id of the rates it was over; 0 is none */
	__be16 source_port;
	__be16 destination_port; /* 0 without ports */
	__u8 family;             /* enum aegis_family; ANY where no IP header was read */
	__u8 protocol;
	__u16 captured;  /* bytes of `packet` */
	__u16 network;   /* offset of the IP header in the frame; 0 is none */
	__u16 transport; /* of the transport header; 0 is none, as in a later fragment */
	__u8 packet[AEGIS_EVENT_SNAP];
};

/* ---- Latency --------------------------------------------------------------------------- */

/*
 * A log-linear histogram of ns: below 2 << SHIFT a bucket each, then 1 << SHIFT buckets an octave. With
 * log = floor(log2(ns | 1 << SHIFT)) - SHIFT the bucket is (log << SHIFT) + (ns >> log). The last one has
 * all that is longer.
 */
#define AEGIS_LATENCY_SHIFT 6u
#define AEGIS_LATENCY_OCTAVES 18u
#define AEGIS_LATENCY_BUCKETS ((AEGIS_LATENCY_OCTAVES + 2) << AEGIS_LATENCY_SHIFT)

/* Value of `latency`, by verdict (0 pass, 1 drop): all that was ever measured. Only ever grows. */
struct aegis_latency {
	__u64 packets;
	__u64 ns; /* of all of them */
	__u64 least;
	__u64 most;
	__u64 bucket[AEGIS_LATENCY_BUCKETS];
};

/* ---- Trials ---------------------------------------------------------------------------- */

/* Which rates hold for a packet: the first of these that there is. */
enum aegis_rates_place {
	AEGIS_PLACE_KEY,
	AEGIS_PLACE_PORT_AND_PREFIX,
	AEGIS_PLACE_PORT,
	AEGIS_PLACE_PREFIX,
	AEGIS_PLACE_DEFAULT,
	AEGIS_PLACES,
};

/* How far a packet came, a bit each. */
enum aegis_trial_stage {
	AEGIS_TRIED_PARSE = 1 << 0,
	AEGIS_TRIED_PROTECT = 1 << 1,
	AEGIS_TRIED_DROP = 1 << 2,
	AEGIS_TRIED_KEY = 1 << 3,
	AEGIS_TRIED_DEFAULT = 1 << 4,
	AEGIS_TRIED_RATE = 1 << 5,
};

/* One of the four buckets that rates can have: bit 0 of its place is bytes, bit 1 all sources together. */
#define AEGIS_BUCKETS 4u
struct aegis_trial_bucket {
	struct aegis_rate rate;
	__u64 owed;    /* ticks, before the packet */
	__u64 cost;    /* ticks, of the packet */
	__u32 rates;   /* id of the rates it is of */
	__u32 outcome; /* 0 conforms, 1 exceeds, 2 contended; with 4 by the shared word */
	__u32 judged;  /* 0: not come to */
	__u32 pad;
};

/*
 * The one value of `trial`, in the programs that only try: the datapath with nothing counted, on copies of
 * the buckets, told from in here. Zero but for its first three fields before every run.
 */
struct aegis_trial {
	__u64 now;     /* ns of CLOCK_MONOTONIC to judge by; 0 is the clock */
	__u64 boot;    /* the same of CLOCK_BOOTTIME */
	__u32 charges; /* not on copies: the buckets are nobody else's */
	__u32 reached; /* enum aegis_trial_stage */
	__u32 reason;
	__u32 would_drop; /* 0 is none */
	__u64 protect;    /* AEGIS_FOUND, of each look-up */
	__u64 drop_host;
	__u64 drop_prefix;
	__u64 key;
	struct aegis_address source;
	__be16 port;
	__u8 family; /* enum aegis_family */
	__u8 protocol;
	__u16 network;     /* offset of the IP header in the frame; 0 is none */
	__u16 transport;   /* of what follows it and its extensions; 0 is none */
	__u32 is_fragment; /* part of a packet, which under deny only keys without a port let in */
	__u32 copied;      /* bit (1 << bucket): its line is in `line` */
	__u32 line_index[AEGIS_BUCKETS];  /* of the copies, in `cells` */
	__u32 source_rates[AEGIS_PLACES]; /* ids of the rates that hold, by enum aegis_rates_place; 0 is none
					   */
	__u32 total_rates[AEGIS_PLACES];
	struct aegis_trial_bucket bucket[AEGIS_BUCKETS];
	struct aegis_line line[AEGIS_BUCKETS];
};

/* ---- Configuration --------------------------------------------------------------------- */

/* What the datapath must look at. A clear bit is a stage that costs one branch. */
enum aegis_stage {
	AEGIS_STAGE_CONFIGURED = 1 << 0,
	AEGIS_STAGE_DENY = 1 << 1, /* the default action */
	AEGIS_STAGE_DROP_V4 = 1 << 2,
	AEGIS_STAGE_DROP_V6 = 1 << 3,
	AEGIS_STAGE_DROP_PREFIX_V4 = 1 << 4,
	AEGIS_STAGE_DROP_PREFIX_V6 = 1 << 5,
	AEGIS_STAGE_RATE = 1 << 6,        /* a default rate or rules */
	AEGIS_STAGE_RATE_SIMPLE = 1 << 7, /* nothing but a default rate of packets for each source */
	AEGIS_STAGE_MONITOR = 1 << 8,     /* what would be dropped passes */
	AEGIS_STAGE_DEADLINE = 1 << 9,    /* `deadline` is set */
	AEGIS_STAGE_SURVEY = 1 << 10,     /* `survey_until` is set */
	AEGIS_STAGE_EVENTS = 1 << 11,     /* somebody reads `events`; the datapath clears it when that ends */
};

/* The one value of `config`. */
struct aegis_config {
	struct aegis_rates rates;     /* for packets that no rule selects */
	struct aegis_address mask_v4; /* what of a source identifies it to the limiter */
	struct aegis_address mask_v6;
	__u64 seed[3];      /* of the limiter's hash, drawn at load */
	__u64 next_expiry;  /* nothing is to be swept before this, ns of CLOCK_BOOTTIME; 0 is none expires */
	__u64 deadline;     /* ns of CLOCK_BOOTTIME; past it, unconfirmed, everything passes */
	__u64 survey_until; /* ns of CLOCK_MONOTONIC; sources are surveyed until then */
	__u32 stages;       /* enum aegis_stage */
	__u32 rate_shapes;  /* enum aegis_rate_shape */
	__u16 key_shapes;   /* of keys in `key` and `key_prefix` */
	__u16 protect_shapes; /* of keys in `protect` and `protect_prefix` */
	__u32 pad;
};

/* The one value of `meta`. */
struct aegis_meta {
	__u64 layout;     /* hash of this header's shapes, by the tool */
	__u64 loaded_at;  /* seconds since the Unix epoch */
	__u32 abi;        /* AEGIS_ABI_VERSION */
	__u32 uid;        /* of who loaded it */
	char version[32]; /* of the tool that loaded it, zero terminated */
	__u64 object;     /* hash of the BPF object: tells two builds of one layout apart */
};

_Static_assert(sizeof(struct aegis_counter) == 16, "ABI");
_Static_assert(sizeof(struct aegis_counters) == 16 * (AEGIS_REASON_ROOM + AEGIS_VERDICT_REASONS) + 16, "ABI");
_Static_assert(sizeof(struct aegis_interface) == 32, "ABI");
_Static_assert(sizeof(struct aegis_entry) == 32, "ABI");
_Static_assert(sizeof(struct aegis_prefix_v4) == 8, "ABI");
_Static_assert(sizeof(struct aegis_prefix_v6) == 20, "ABI");
_Static_assert(sizeof(struct aegis_key) == 20, "ABI");
_Static_assert(sizeof(struct aegis_key_prefix) == 24, "ABI");
_Static_assert(sizeof(struct aegis_note) == 64, "ABI");
_Static_assert(sizeof(struct aegis_rate) == 48, "ABI");
_Static_assert(sizeof(struct aegis_line) == 64, "ABI");
_Static_assert(sizeof(struct aegis_rates) == 200, "ABI");
_Static_assert(sizeof(struct aegis_offender_key) == 24, "ABI");
_Static_assert(sizeof(struct aegis_config) == 296, "ABI");
_Static_assert(AEGIS_PASS_END <= AEGIS_VERDICT_REASONS && AEGIS_DROP_END <= AEGIS_REASON_ROOM, "ABI");
_Static_assert(sizeof(struct aegis_survey_key) == 20, "ABI");
_Static_assert(sizeof(struct aegis_survey) == 32, "ABI");
_Static_assert(sizeof(struct aegis_meta) == 64, "ABI");
_Static_assert(sizeof(struct aegis_event_filter) == 176, "ABI");
_Static_assert(sizeof(struct aegis_event_state) == 56, "ABI");
_Static_assert(sizeof(struct aegis_event) == 336, "ABI");
_Static_assert(sizeof(struct aegis_latency) == 8 * (4 + AEGIS_LATENCY_BUCKETS), "ABI");
_Static_assert(sizeof(struct aegis_trial_bucket) == 80, "ABI");
_Static_assert(sizeof(struct aegis_trial) == 728, "ABI");

#endif
