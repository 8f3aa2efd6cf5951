// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The look-up of countries beside the kernel's trie of prefixes. */
#include "../test/country.bpf.c"

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, struct aegis_prefix_v4);
	__type(value, __u32);
} trie_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, struct aegis_prefix_v6);
	__type(value, __u32);
} trie_v6 SEC(".maps");

AEGIS_GLOBAL __u32 trie_country_of(const struct packet *packet, __u32 slot)
{
	const __u32 *code;

	if (!packet)
		return 0;
	if (packet->family == AEGIS_FAMILY_V4) {
		struct aegis_prefix_v4 wanted = {32, *(const __be32 *)packet->peer.octet};

		code = bpf_map_lookup_elem(&trie_v4, &wanted);
	} else {
		struct aegis_prefix_v6 wanted = {128, packet->peer};

		code = bpf_map_lookup_elem(&trie_v6, &wanted);
	}
	return code ? *code : 0;
}

SEC("xdp")
int trie_countries(struct xdp_md *frame)
{
	return ask(trie_country_of);
}
