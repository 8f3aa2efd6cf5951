/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters, the rates and the place of a client. */
#ifndef AEGIS_RELAY_USER_H
#define AEGIS_RELAY_USER_H

#include "../relay.h"
#include "token.h"

#define RELAY_ATTEMPTS 8

/*
 * Reads each cache line of a user that will be written. The atomic operations come one after the other, and
 * would wait for one line after the other; plain reads wait for all at once.
 */
static __always_inline void fetch_user(const struct aegis_relay_user *user)
{
	__u64 window = *(const volatile __u64 *)&user->window[0];
	__u64 newest = *(const volatile __u64 *)&user->newest;
	__u32 turn = *(const volatile __u32 *)&user->turn;
	__u64 until = *(const volatile __u64 *)&user->forth.until;

	asm volatile("" : : "r"(window), "r"(newest), "r"(turn), "r"(until));
}

/*
 * Whether a counter comes for the first time. The word of a block only ever gets a later block or more bits,
 * so a counter that was taken once is refused for ever, on any CPU.
 */
static __always_inline bool take_counter(struct aegis_relay_user *user, __u64 counter)
{
	__u64 block = counter >> AEGIS_RELAY_BLOCK_SHIFT;
	__u64 bit = 1ull << (counter & ((1 << AEGIS_RELAY_BLOCK_SHIFT) - 1));
	__u64 *word = &user->window[block & (AEGIS_RELAY_WORDS - 1)];

	for (int attempt = 0; attempt < RELAY_ATTEMPTS; attempt++) {
		__u64 old = *(volatile __u64 *)word, next;

		if (old >> 16 > block || (old >> 16 == block && (old & bit)))
			return false;
		next = old >> 16 == block ? old | bit : block << 16 | bit;
		if (__sync_val_compare_and_swap(word, old, next) == old)
			return true;
	}
	return false;
}

/*
 * Whether it is the newest of all so far. Of two CPUs at the same time the one with the older may be the last
 * to write: then packets may come a little later than they should, but none twice.
 */
static __always_inline bool is_newest(struct aegis_relay_user *user, __u64 counter)
{
	volatile __u64 *newest = (volatile __u64 *)&user->newest;

	if (counter <= *newest)
		return false;
	*newest = counter;
	return true;
}

/* Judges a packet at `now`, in ns of CLOCK_BOOTTIME, and charges it if it conforms (GCRA). */
static __always_inline bool conforms(const struct aegis_relay_user *user, __u64 *tat, __u64 now)
{
	__u64 ticks = now << AEGIS_RELAY_TICK_SHIFT, slack = 1000000000ull << AEGIS_RELAY_TICK_SHIFT;

	if (!user->interval)
		return true;
	for (int attempt = 0; attempt < RELAY_ATTEMPTS; attempt++) {
		__u64 old = *(volatile __u64 *)tat, owed = old > ticks ? old - ticks : 0, next;
		bool fits = owed + user->interval <= user->depth;

		if (!fits && owed <= user->depth + slack)
			return false;
		/* A debt from before the rate was raised is cut. */
		next = ticks + (fits ? owed + user->interval : user->depth);
		if (__sync_val_compare_and_swap(tat, old, next) == old)
			return fits;
	}
	return false;
}

/* Notes where the client is. Whoever comes while it is being noted is not noted. */
static __always_inline void note_client(struct aegis_relay_user *user, const struct packet *packet)
{
	__u32 turn = *(volatile __u32 *)&user->turn;

	if (user->client_port == packet->source_port && is_same(&user->client, &packet->peer))
		return;
	if ((turn & 1) || __sync_val_compare_and_swap(&user->turn, turn, turn + 1) != turn)
		return;
	user->client = packet->peer;
	user->client_port = packet->source_port;
	user->back.until = 0;
	__sync_fetch_and_add(&user->turn, 1);
}

/* Reads where the client is; false if it is being written, or unknown. An atomic operation orders reads. */
static __always_inline bool find_client(struct aegis_relay_user *user, struct aegis_address *client,
					__be16 *port)
{
	__u32 turn = __sync_fetch_and_add(&user->turn, 0);

	*client = user->client;
	*port = user->client_port;
	return !(turn & 1) && *port && __sync_fetch_and_add(&user->turn, 0) == turn;
}

/*
 * The key of the token, if it is that of the packet before. Where a CPU reads out of order, it may be half
 * another one, and the packet is refused.
 */
static __always_inline bool find_own(const struct aegis_relay_user *user, const struct token *token,
				     __u32 mark, struct aegis_relay_key *key)
{
	const volatile struct aegis_relay_own *own = &user->own;
	__u32 turn = own->turn;

	key->half[0] = own->key.half[0];
	key->half[1] = own->key.half[1];
	return mark && own->mark == mark && own->expires == token_expires(token) &&
	       own->number == token_number(token) && !(turn & 1) && own->turn == turn;
}

/* Keeps the key of a token that was found to be right. */
static __always_inline void keep_own(struct aegis_relay_user *user, const struct token *token, __u32 mark,
				     const struct aegis_relay_key *key)
{
	__u32 turn = *(volatile __u32 *)&user->own.turn;

	if (!mark || (turn & 1) || __sync_val_compare_and_swap(&user->own.turn, turn, turn + 1) != turn)
		return;
	user->own.mark = mark;
	user->own.expires = token_expires(token);
	user->own.number = token_number(token);
	user->own.key = *key;
	__sync_fetch_and_add(&user->own.turn, 1);
}

#endif
