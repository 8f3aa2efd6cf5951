// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../relay/token.h"

#define BATCH 64
#define ROOM 2048

static struct aegis_relay_key key_of(const __u64 master[2])
{
	return (struct aegis_relay_key){{master[0], master[1]}};
}

int bench_sign(int tokens, const struct bench_clients *clients)
{
	const size_t size = BENCH_TOKENS * sizeof(struct bench_token);
	struct aegis_relay_key master = key_of(clients->master), own;
	struct token *token = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, tokens, 0);
	__u64 random = 1;

	if (token == MAP_FAILED)
		return -errno;
	for (__u32 i = 0; i < BENCH_TOKENS; i++) {
		const struct bench_user *user = &clients->users[(random >> 32) * clients->count >> 32];

		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		token[i].word[0] = AEGIS_RELAY_VERSION | clients->key << 8 | (__u64)user->session << 32;
		token[i].word[1] = clients->expires | (__u64)user->hash << 32;
		token[i].word[2] = clients->counter + i;
		own = derive_own(&master, &token[i]);
		token[i].word[3] = token_tag(&own, &token[i], clients->length) ^ clients->is_false;
	}
	munmap(token, size);
	return 0;
}

/* Returns a socket that listens and sends, or a negated errno. */
static int open_relay(const struct bench_relay *relay, const struct sockaddr_in *listen)
{
	const struct timeval patience = {.tv_usec = 10000};
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;

	if (descriptor < 0)
		return -errno;
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(descriptor, (const struct sockaddr *)listen, sizeof(*listen))) {
		int code = errno;

		close(descriptor);
		return -code;
	}
	return descriptor;
}

static bool is_accepted(const struct aegis_relay_key *master, const void *payload, size_t size, __u64 *newest)
{
	struct aegis_relay_key own;
	struct token token;

	if (size < sizeof(token))
		return false;
	memcpy(&token, payload, sizeof(token));
	own = derive_own(master, &token);
	if (token_tag(&own, &token, size + 8) != token.word[3] || token_counter(&token) <= *newest)
		return false;
	*newest = token_counter(&token);
	return true;
}

int bench_relay(struct bench_relay *relay)
{
	struct sockaddr_in listen = {.sin_family = AF_INET,
				     .sin_port = htons(relay->port),
				     .sin_addr.s_addr = htonl(relay->address)},
			   destination = {.sin_family = AF_INET,
					  .sin_port = htons(relay->destination_port),
					  .sin_addr.s_addr = htonl(relay->destination)};
	struct aegis_relay_key master = key_of(relay->master);
	static unsigned char payload[BATCH][ROOM];
	struct mmsghdr in[BATCH] = {0}, out[BATCH] = {0};
	struct iovec taken[BATCH], sent[BATCH];
	int descriptor = open_relay(relay, &listen);
	__u64 newest = 0;

	if (descriptor < 0)
		return descriptor;
	for (int i = 0; i < BATCH; i++) {
		taken[i] = (struct iovec){payload[i], ROOM};
		in[i].msg_hdr = (struct msghdr){.msg_iov = &taken[i], .msg_iovlen = 1};
		out[i].msg_hdr = (struct msghdr){.msg_name = &destination,
						 .msg_namelen = sizeof(destination),
						 .msg_iov = &sent[i],
						 .msg_iovlen = 1};
	}
	relay->is_ready = 1;
	while (!relay->stop) {
		int received = recvmmsg(descriptor, in, BATCH, MSG_WAITFORONE, NULL), count = 0;

		for (int i = 0; i < received; i++) {
			if (!is_accepted(&master, payload[i], in[i].msg_len, &newest))
				continue;
			sent[count++] = (struct iovec){payload[i] + sizeof(struct token),
						       in[i].msg_len - sizeof(struct token)};
		}
		if (count)
			sendmmsg(descriptor, out, count, 0);
	}
	close(descriptor);
	return 0;
}
