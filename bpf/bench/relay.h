/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The clients of a relay, and a relay in user space, for aegis-bench. */
#ifndef AEGIS_BENCH_RELAY_H
#define AEGIS_BENCH_RELAY_H

#include "bench.h"

/* What the tokens of one user have in common. */
struct bench_user {
	__u32 session;
	__u32 hash; /* of its name */
};

struct bench_clients {
	__u64 master[2]; /* the key, as SipHash reads it */
	__u32 key;       /* its number */
	__u32 expires;   /* seconds since the Unix epoch */
	__u64 counter;   /* of the first packet; each is one more than the one before */
	const struct bench_user *users;
	__u32 count;    /* of the users, who take turns at random */
	__u32 length;   /* bytes of the UDP header and its payload */
	__u32 is_false; /* 1: no tag is right */
	__u32 pad;
};

/* Fills the map `tokens`. Returns 0, or a negated errno. */
int bench_sign(int tokens, const struct bench_clients *clients);

struct bench_relay {
	__u64 master[2];
	__u32 address; /* where it listens, in host byte order */
	__u32 port;
	__u32 destination;
	__u32 destination_port;
	volatile __u32 stop; /* set to 1 by another thread */
	volatile __u32 is_ready;
};

/*
 * Relays what has a right tag and a counter that is newer than all before, a batch at a time, until it is
 * stopped. It has neither users nor rates, so no relay in user space that has them is faster. Returns 0, or a
 * negated errno.
 */
int bench_relay(struct bench_relay *relay);

#endif
