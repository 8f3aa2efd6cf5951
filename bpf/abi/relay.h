/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The relay: authenticated forwarding of UDP. aegis-relay(7) describes the wire format and what it is for. */
#ifndef AEGIS_ABI_RELAY_H
#define AEGIS_ABI_RELAY_H

#include <linux/types.h>
#include "address.h"

#define AEGIS_RELAY_VERSION 1u

/*
 * At the front of the UDP payload of what a client sends; the relay removes it. Little endian. The key of a
 * session is SipHash-2-4 with 128 bits of result, under the master key, of the 12 bytes of `session`,
 * `expires` and `user`; the tag is SipHash-2-4 with 64 bits under that key, of the header up to the tag and
 * the length field of the UDP header (2 bytes, as a number, little endian).
 */
struct aegis_relay_header {
	__u8 version; /* AEGIS_RELAY_VERSION */
	__u8 key;     /* number of the master key */
	__u16 flags;  /* 0 */
	__u32 session;
	__u32 expires; /* seconds since the Unix epoch */
	__u32 user;    /* struct aegis_relay_user.hash */
	__u64 counter; /* µs since the Unix epoch, or a little less: it is larger with every packet */
	__u64 tag;
};

/* A session: the index of its user, and the user's generation, which changes when the user is replaced. */
#define AEGIS_RELAY_INDEX_BITS 20u
#define AEGIS_RELAY_GENERATIONS (1u << (32 - AEGIS_RELAY_INDEX_BITS))

/* As SipHash reads a key of 16 bytes. */
struct aegis_relay_key {
	__u64 half[2]; /* little endian */
};

/* Two at a time, so that clients can change from one to the next. */
#define AEGIS_RELAY_KEYS 2u

/* The one value of `relay`. */
struct aegis_relay {
	struct aegis_address
		v4; /* where clients send to, and where packets to destinations come from; 0: none */
	struct aegis_address v6;
	struct aegis_relay_key key[AEGIS_RELAY_KEYS];
	__u64 started; /* µs since the Unix epoch: a smaller counter is refused */
	__u64 epoch;   /* ns: CLOCK_REALTIME less CLOCK_BOOTTIME */
	__be16 port;   /* UDP, where clients send to; 0: there is no relay */
	__u16 first;   /* ports of users, in host byte order */
	__u16 last;
	__u8 number[AEGIS_RELAY_KEYS]; /* of the keys */
	__u8 live;                     /* bit (1 << i): key[i] is in use */
	__u8 signing;                  /* the key that new tokens are made with */
	__u8 pad[2];
	__u32 mark; /* another one for other keys; 0: they are being changed */
};

/* A client's counter may be this far ahead of the clock, ns. */
#define AEGIS_RELAY_SKEW 60000000000ull

/* Which counters came is noted in so many words, each for AEGIS_RELAY_BLOCK counters: the number of the block
 * in the upper 48 bits, and a bit for each counter. */
#define AEGIS_RELAY_WORDS 8u
#define AEGIS_RELAY_BLOCK_SHIFT 4u

/* µs: a counter that lies further behind the newest one is refused, whether it came or not. */
#define AEGIS_RELAY_LATE 1000000ull

/* A TAT of the relay is in ticks of 2^-4 ns of CLOCK_BOOTTIME. */
#define AEGIS_RELAY_TICK_SHIFT 4u

/* ns of CLOCK_BOOTTIME that a next hop is kept. */
#define AEGIS_RELAY_KEPT 1000000000ull

/* A next hop; its fields are written one by one by any CPU. */
struct aegis_relay_hop {
	__u64 until; /* ns of CLOCK_BOOTTIME; 0: unknown */
	__u32 ifindex;
	__u16 mtu;    /* bytes of the longest IP packet */
	__u8 from[6]; /* hardware addresses */
	__u8 to[6];
	__u8 pad[6];
};

/* The key of a token, derived once; 0 in all fields is none. */
struct aegis_relay_own {
	__u32 turn;    /* odd while it is being written */
	__u32 mark;    /* struct aegis_relay.mark */
	__u32 expires; /* of the token */
	__u8 number;   /* of the master key */
	__u8 pad[3];
	struct aegis_relay_key key;
};

/* Value of `relay_user`, by index; each group is one cache line. */
struct aegis_relay_user {
	/* Written by the tool. */
	struct aegis_address destination;
	__u64 expires;   /* ns of CLOCK_BOOTTIME; 0 is never */
	__u64 interval;  /* ticks that a packet costs, in each direction; 0: no rate */
	__u64 depth;     /* ticks that may be owed, for the packet too */
	__u32 hash;      /* of its name: no token is valid for two users, even after a reboot */
	__be16 port;     /* of the destination */
	__be16 own_port; /* of the relay towards the destination */
	__u16 generation;
	__u8 family; /* enum aegis_family; ANY: there is no such user */
	__u8 pad[13];
	__u64 window[AEGIS_RELAY_WORDS]; /* a later block takes the word of an earlier one */
	/* Written with every packet that is accepted. */
	__u64 newest;   /* counter */
	__u64 heard;    /* ns of CLOCK_BOOTTIME of the newest packet of the client; 0: none came */
	__u64 tat;      /* ticks, towards the destination */
	__u64 tat_back; /* ticks */
	/* These never restart: what a user has counted is what they are more than `before`. */
	__u64 packets; /* sent to the destination */
	__u64 bytes;   /* of these, from the IP header on */
	__u64 packets_back;
	__u64 bytes_back;
	/* Written when something changes. `turn` is odd while the client is being written. */
	struct aegis_address client;
	__u32 turn;
	__be16 client_port;
	__u8 pad2[10];
	struct aegis_relay_hop back;  /* to the client */
	struct aegis_relay_hop forth; /* to the destination */
	struct aegis_relay_own own;
	/* Written by the tool, and not read by the datapath. */
	__u64 before[4]; /* the four counters when the user was made */
	__u64 spare[4];
};

#ifndef __bpf__
/* Adds what another copy of a word of a window has noted. Programs may add to it at the same time. */
static inline void aegis_relay_note(__u64 *word, __u64 other)
{
	__u64 old = __atomic_load_n(word, __ATOMIC_RELAXED), next;

	do {
		next = old >> 16 == other >> 16 ? old | other : old > other ? old : other;
	} while (!__atomic_compare_exchange_n(word, &old, next, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}
#endif

/* Key of `relay_back`: what identifies the user of a packet from a destination; its value is an index. */
struct aegis_relay_back {
	struct aegis_address destination;
	__be16 port;     /* of the destination */
	__be16 own_port; /* of the relay */
	__u8 family;     /* enum aegis_family */
	__u8 pad[3];
};

/* Key of `relay_name`; its value is an index. */
struct aegis_relay_name {
	char text[32]; /* zero terminated and padded */
};

/* Room for what the datapath hands to the relay's program. */
#define AEGIS_RELAY_WORK_SIZE 96u

/* The place of the relay's program in `parts`. */
#define AEGIS_PART_RELAY 0u

_Static_assert(sizeof(struct aegis_relay_header) == 32, "wire format");
_Static_assert(sizeof(struct aegis_relay) == 96, "ABI");
_Static_assert(sizeof(struct aegis_relay_hop) == 32, "ABI");
_Static_assert(sizeof(struct aegis_relay_own) == 32, "ABI");
_Static_assert(sizeof(struct aegis_relay_user) == 384, "ABI");
_Static_assert(sizeof(struct aegis_relay_back) == 24, "ABI");

#endif
