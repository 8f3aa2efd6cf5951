/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks what a client has put in front of its payload. */
#ifndef AEGIS_RELAY_TOKEN_H
#define AEGIS_RELAY_TOKEN_H

#include <stddef.h>

#include "siphash.h"

/* The header as words, so that none of them is read twice. */
struct token {
	__u64 word[4];
};

static __always_inline __u32 token_session(const struct token *token)
{
	return token->word[0] >> 32;
}

static __always_inline __u32 token_expires(const struct token *token)
{
	return token->word[1];
}

static __always_inline __u32 token_user(const struct token *token)
{
	return token->word[1] >> 32;
}

static __always_inline __u8 token_number(const struct token *token)
{
	return token->word[0] >> 8;
}

static __always_inline __u64 token_counter(const struct token *token)
{
	return token->word[2];
}

static __always_inline struct aegis_relay_key derive_own(const struct aegis_relay_key *master,
							 const struct token *token)
{
	__u64 session = token_session(token) | token->word[1] << 32;

	return siphash_wide(master, session, 12ull << 56 | token_user(token));
}

/* The tag of the header, and of the length of the UDP header and payload as the UDP header says it. */
static __always_inline __u64 token_tag(const struct aegis_relay_key *own, const struct token *token,
				       __u16 length)
{
	struct siphash state;

	siphash_begin(&state, own);
	siphash_take(&state, token->word[0]);
	siphash_take(&state, token->word[1]);
	siphash_take(&state, token->word[2]);
	siphash_take(&state, 26ull << 56 | length);
	return siphash_end(&state);
}

/* The master key that a header says it was made with; NULL: there is none, or the header is of another kind.
 */
static __always_inline const struct aegis_relay_key *master_of(const struct aegis_relay *settings,
							       const struct token *token)
{
	__u8 number = token_number(token);

	/* The version, and no flags. */
	if ((token->word[0] & 0xffff00ff) != AEGIS_RELAY_VERSION)
		return NULL;
	if ((settings->live & 1) && settings->number[0] == number)
		return &settings->key[0];
	if ((settings->live & 2) && settings->number[1] == number)
		return &settings->key[1];
	return NULL;
}

#endif
