// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sends what clients of a relay send. The headers are made before, so that it is no slower than the other
 * senders. */
#include "frame.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_request);
} request SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BENCH_TOKENS);
	__type(key, __u32);
	__type(value, struct bench_token);
} tokens SEC(".maps");

/* By the one processor that sends. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} sent SEC(".maps");

/* A relay changes the frame, so all that it changes is written anew. */
SEC("xdp")
int send_request(struct xdp_md *context)
{
	void *end = (void *)(long)context->data_end, *start = (void *)(long)context->data;
	const struct bench_request *work = GLOBAL_VALUE(request);
	__u32 *number = GLOBAL_VALUE(sent);
	const struct bench_token *token;

	if (!work || !number || start + BENCH_HEADERS + sizeof(*token) > end)
		return XDP_ABORTED;
	token = bpf_map_lookup_elem(&tokens, number);
	if (!token)
		return XDP_DROP;
	++*number;
	__builtin_memcpy(start, work->headers, BENCH_HEADERS);
	*(struct bench_token *)(start + BENCH_HEADERS) = *token;
	return bpf_redirect(work->interface, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
