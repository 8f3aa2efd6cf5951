/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_EVENTS_H
#define AEGIS_ABI_EVENTS_H

#include <linux/types.h>
#include "address.h"
#include "rates.h"

/* Size of the ring buffer `events` in bytes. */
#define AEGIS_EVENTS_SIZE (1u << 20)
/* Bytes of a frame that are reported, from its first byte on. */
#define AEGIS_EVENT_SNAP 256u

/*
 * The one value of `event_filter`: which packets are reported, and at most how many. The reader maps it, so
 * that it can show that it is still there without touching the bucket.
 */
struct aegis_event_filter {
	struct aegis_rate budget;    /* of packets; interval 0 is no limit */
	struct aegis_line line;      /* holds the budget, one bucket for all CPUs */
	struct aegis_address source; /* of the packet, after `mask`; host bits zero */
	struct aegis_address mask;   /* network order */
	__u64 until;                 /* ns of CLOCK_MONOTONIC; the reader extends it while it reads */
	__u64 reasons;               /* bit (1 << reason), of the reason that decided or would have dropped */
	__u32 family;                /* enum aegis_family of the source; ANY matches all */
	__u32 ifindex;               /* 0 is any */
	__u32 sample;                /* one in this many is reported; 0 is all */
	__u32 turn;                  /* the reader counts its polls: a CPU that paused looks again */
	__u64 classes;               /* bit (1 << number of a class); 0 is any */
	__u64 directions;            /* bit (1 << enum aegis_direction); 0 is any */
};

/* Value of `event_state`, per CPU. Packets neither told, skipped nor lost were held back by the budget. */
struct aegis_event_state {
	__u64 matched; /* packets that the filter lets through */
	__u64 told;
	__u64 skipped; /* passed over by sampling */
	__u64 lost;    /* would have been reported, but the ring was full */
	__u64 tick;    /* jiffies when the clock was last read to check for the reader */
	__u32 skip;    /* sampling: packets still to be passed over */
	__u32 pause;   /* packets still to be passed over without reading the clock */
	__u32 backoff; /* current length of pauses */
	__u32 turn;    /* of the filter, when the pause began */
};

/* A record of `events`. */
struct aegis_event {
	__u64 time;  /* ns of CLOCK_BOOTTIME */
	__u64 found; /* AEGIS_FOUND of the entry that decided, or would have dropped; the list of a drop entry
			in any case */
	struct aegis_address source;
	struct aegis_address destination;
	__u32 ifindex;
	__u32 length;     /* bytes of the frame */
	__u32 reason;     /* enum aegis_reason */
	__u32 would_drop; /* enum aegis_reason; 0 is none */
	__u32 rates;      /* id of the rates it exceeded; 0 is none */
	__u16 class;      /* number of its class; 0 is none */
	__u16 rule;       /* number of the rule that decided, or would have dropped, plus one; 0 is none */
	__u32 direction;  /* enum aegis_direction */
	__be16 source_port;
	__be16 destination_port; /* 0 without ports */
	__u8 family;             /* enum aegis_family; ANY where no IP header was read */
	__u8 protocol;
	__u16 captured;  /* bytes of `packet` */
	__u16 network;   /* offset of the IP header in the frame; 0 is none */
	__u16 transport; /* of the transport header; 0 is none, as in a later fragment */
	__u8 packet[AEGIS_EVENT_SNAP];
};

_Static_assert(sizeof(struct aegis_event_filter) == 192, "ABI");
_Static_assert(sizeof(struct aegis_event_state) == 56, "ABI");
_Static_assert(sizeof(struct aegis_event) == 344, "ABI");

#endif
