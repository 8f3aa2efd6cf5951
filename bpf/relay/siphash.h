/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SipHash-2-4 (Aumasson and Bernstein, 2012). All words are little endian, as are all hosts of the datapath.
 */
#ifndef AEGIS_RELAY_SIPHASH_H
#define AEGIS_RELAY_SIPHASH_H

#include "../abi/relay.h"

struct siphash {
	__u64 v0, v1, v2, v3;
};

static __always_inline __u64 rotate(__u64 word, __u32 by)
{
	return word << by | word >> (64 - by);
}

static __always_inline void siphash_round(struct siphash *state)
{
	state->v0 += state->v1;
	state->v1 = rotate(state->v1, 13) ^ state->v0;
	state->v0 = rotate(state->v0, 32);
	state->v2 += state->v3;
	state->v3 = rotate(state->v3, 16) ^ state->v2;
	state->v0 += state->v3;
	state->v3 = rotate(state->v3, 21) ^ state->v0;
	state->v2 += state->v1;
	state->v1 = rotate(state->v1, 17) ^ state->v2;
	state->v2 = rotate(state->v2, 32);
}

static __always_inline void siphash_begin(struct siphash *state, const struct aegis_relay_key *key)
{
	state->v0 = key->half[0] ^ 0x736f6d6570736575ull;
	state->v1 = key->half[1] ^ 0x646f72616e646f6dull;
	state->v2 = key->half[0] ^ 0x6c7967656e657261ull;
	state->v3 = key->half[1] ^ 0x7465646279746573ull;
}

/* The last word holds what is left of the message, and its length in the upper byte. */
static __always_inline void siphash_take(struct siphash *state, __u64 word)
{
	state->v3 ^= word;
	siphash_round(state);
	siphash_round(state);
	state->v0 ^= word;
}

static __always_inline __u64 siphash_result(struct siphash *state)
{
#pragma unroll
	for (int i = 0; i < 4; i++)
		siphash_round(state);
	return state->v0 ^ state->v1 ^ state->v2 ^ state->v3;
}

static __always_inline __u64 siphash_end(struct siphash *state)
{
	state->v2 ^= 0xff;
	return siphash_result(state);
}

/* The result with 128 bits, which needs another beginning. */
static __always_inline struct aegis_relay_key siphash_wide(const struct aegis_relay_key *key, __u64 word,
							   __u64 last)
{
	struct aegis_relay_key result;
	struct siphash state;

	siphash_begin(&state, key);
	state.v1 ^= 0xee;
	siphash_take(&state, word);
	siphash_take(&state, last);
	state.v2 ^= 0xee;
	result.half[0] = siphash_result(&state);
	state.v1 ^= 0xdd;
	result.half[1] = siphash_result(&state);
	return result;
}

#endif
