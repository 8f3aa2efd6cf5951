// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Drops packets of TCP and UDP whose payload has given bytes at a given offset. README.md says how to change
 * them while the program runs.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "aegis-hook.h"

#define PATTERN_SIZE 16u

struct pattern {
	__u16 offset; /* in the payload */
	__u16 length; /* of the bytes that count; 0: the value is not set, and the default below holds */
	__u8 bytes[PATTERN_SIZE];
};

/* A query that a server of Quake III answers with a packet many times as long. */
static const struct pattern getstatus = {0, 13, "\xff\xff\xff\xffgetstatus"};

/* Pinned by its name, so that an exchange of the program keeps what is in it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, struct pattern);
} payload_pattern SEC(".maps");

static __always_inline bool matches(struct xdp_md *ctx, const struct aegis_hook_packet *packet,
				    const struct pattern *pattern)
{
	/* So the verifier knows that it is from 1 to PATTERN_SIZE. */
	__u32 length = ((pattern->length - 1) & (PATTERN_SIZE - 1)) + 1;
	__u32 start = packet->payload + pattern->offset;
	__u8 found[PATTERN_SIZE] = {};

	/* What follows the IP packet pads the frame. */
	if (start + length > (__u32)packet->network + packet->length)
		return false;
	/* Unlike a pointer, this also reads what lies behind data_end, in the fragments of the buffer. */
	if (bpf_xdp_load_bytes(ctx, start, found, length))
		return false;
	for (__u32 i = 0; i < PATTERN_SIZE; i++) {
		if (i < length && found[i] != pattern->bytes[i])
			return false;
	}
	return true;
}

SEC("xdp.frags")
int payload(struct xdp_md *ctx)
{
	const struct aegis_hook_packet *packet = aegis_packet();
	const struct pattern *pattern;
	__u32 zero = 0;

	/* Packets of other protocols have no payload here, and later fragments of a packet neither. */
	if (!packet || !packet->payload)
		return aegis_finish(ctx, AEGIS_HOOK_PASS);
	pattern = bpf_map_lookup_elem(&payload_pattern, &zero);
	if (!pattern || !pattern->length)
		pattern = &getstatus;
	if (matches(ctx, packet, pattern))
		return aegis_finish(ctx, AEGIS_HOOK_DROP);
	return aegis_finish(ctx, AEGIS_HOOK_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
