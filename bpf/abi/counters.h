/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_COUNTERS_H
#define AEGIS_ABI_COUNTERS_H

#include <linux/types.h>
#include "reasons.h"

struct aegis_counter {
	__u64 packets;
	__u64 bytes; /* of whole frames, Ethernet header included */
};

/*
 * Value of `counters` and `more_counters`, per CPU, and of `carried`, once for all CPUs: what was counted
 * under an earlier layout. The counters only grow while an interface keeps its slot.
 */
struct aegis_counters {
	struct aegis_counter reason[AEGIS_REASON_ROOM];
	/* Packets that passed because the entry, the rate or the mode only monitors. */
	struct aegis_counter would_drop[AEGIS_REASON_ROOM];
	__u64 shared;    /* limited packets whose set was full, so that its shared bucket judged them */
	__u64 contended; /* packets dropped because a cell changed under them too often */
	__u64 lost;      /* frames sent to the other port of a wire that it did not take */
	__u64 silenced;  /* frames of the host itself that were kept from leaving by a port of a wire */
};

/*
 * The low bits of its index select the slot of an interface. If that slot is taken by another interface, a
 * neighbour is used, at most AEGIS_SLOT_PROBES in all (index ^ 0, 1, 2, 3).
 */
#define AEGIS_SLOTS 64u
#define AEGIS_SLOT_PROBES 4u

/*
 * The block of counters of a slot is allocated when the slot is taken, so that memory use follows the number
 * of slots in use: a block takes 2 kB per CPU. Each direction of a slot has its own. The first blocks always
 * exist, in `counters`; all others are created in `more_counters` when they are allocated. Block 0 counts
 * packets from interfaces without a slot.
 */
#define AEGIS_BLOCKS 9u
#define AEGIS_BLOCK_OTHER 0u

/* A program of type tc, in a tcx link or a filter of clsact; beside the flags of XDP. */
#define AEGIS_MODE_TC (1u << 16)

/*
 * Value of `interfaces`, by slot. Written when a link is created, read by the datapath. A slot with a mode is
 * declared: its interface should have a link, which `repair` creates again if it is lost. Detaching zeroes
 * the mode and keeps the slot for its counters.
 */
struct aegis_interface {
	__u64 netns;   /* inode of the network namespace the link was made in */
	__u32 ifindex; /* in that namespace; 0 is a free slot */
	__u32 mode; /* XDP_FLAGS_DRV_MODE, _SKB_MODE or _HW_MODE, or AEGIS_MODE_TC; 0 is detached on purpose
		     */
	char name[16];   /* when it was attached */
	__u32 block;     /* of its counters */
	__u32 flags;     /* enum aegis_port_flag */
	__u32 peer;      /* ifindex of the other port of its wire; 0 is none */
	__u32 longest;   /* bytes of the longest frame that the other port takes, without one VLAN tag */
	__u64 raised;    /* ns of CLOCK_BOOTTIME when `repair` last took it up */
	__u32 out_mode;  /* AEGIS_MODE_TC if its egress is declared; 0 is detached on purpose */
	__u32 out_block; /* of the counters of its egress */
};

/* What holds for an interface, mostly for a port of a wire, and what detaching must undo. */
enum aegis_port_flag {
	AEGIS_PORT_TRUSTED = 1 << 0,   /* its packets are counted, and never judged */
	AEGIS_PORT_OPEN = 1 << 1,      /* without the other port, what passes goes to the host's own stack */
	AEGIS_PORT_FOLLOW = 1 << 2,    /* `repair` takes it down while the other port has no carrier */
	AEGIS_PORT_HELD_DOWN = 1 << 3, /* it was taken down for that */
	AEGIS_PORT_UNDO_IPV6 = 1 << 4, /* disable_ipv6 was 0 */
	AEGIS_PORT_UNDO_ARP = 1 << 5,  /* IFF_NOARP was not set */
	AEGIS_PORT_UNDO_PROMISC = 1 << 6, /* IFF_PROMISC was not set */
	AEGIS_PORT_UNDO_CLSACT = 1 << 7,  /* there was no clsact qdisc */
	AEGIS_PORT_IPV6_ALONE = 1 << 8,   /* it was 0, although that of all interfaces was 1 */
	AEGIS_PORT_BARE = 1 << 9,     /* its frames have no header of the link: they begin with that of IP */
	AEGIS_PORT_FORWARD = 1 << 10, /* its settings and neighbours are kept as the relay needs them */
	AEGIS_PORT_UNDO_FORWARDING_V4 = 1 << 11, /* forwarding was 0 */
	AEGIS_PORT_UNDO_FORWARDING_V6 = 1 << 12,
	AEGIS_PORT_UNDO_EVICT_V4 = 1 << 13,       /* arp_evict_nocarrier was 1 */
	AEGIS_PORT_UNDO_EVICT_V6 = 1 << 14,       /* ndisc_evict_nocarrier was 1 */
	AEGIS_PORT_FORWARDING_ALONE_V4 = 1 << 15, /* it was 0, although that of all interfaces was 1 */
	AEGIS_PORT_FORWARDING_ALONE_V6 = 1 << 16,
};

_Static_assert(sizeof(struct aegis_counter) == 16, "ABI");
_Static_assert(sizeof(struct aegis_counters) == 16 * 2 * AEGIS_REASON_ROOM + 32, "ABI");
_Static_assert(sizeof(struct aegis_interface) == 64, "ABI");

#endif
