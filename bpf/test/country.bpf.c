// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Looks up the countries of many addresses in one run. */
#include "../geo.h"
#include "country.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct country_questions);
} questions SEC(".maps");

static __always_inline int ask(__u32 (*look_up)(const struct packet *packet, __u32 slot))
{
	const struct aegis_config *settings = settings_of();
	struct country_questions *all;
	struct packet packet = {};
	__u32 zero = 0, first;

	all = bpf_map_lookup_elem(&questions, &zero);
	if (!all || !settings)
		return XDP_ABORTED;
	packet.family = all->family;
	first = all->next;
	all->next = first + COUNTRY_RUN;
	for (__u32 i = 0; i < COUNTRY_RUN; i++) {
		__u32 slot = *(const volatile __u32 *)&settings->geo;
		__u64 place = first + i;

		OPAQUE(place);
		place &= COUNTRY_QUESTIONS - 1;
		packet.peer = all->address[place];
		all->code[place] = slot ? look_up(&packet, slot) : 0;
	}
	return XDP_PASS;
}

SEC("xdp")
int countries(struct xdp_md *frame)
{
	return ask(country_of);
}

/* What the loop takes without the look-up. */
AEGIS_GLOBAL __u32 no_country_of(const struct packet *packet, __u32 slot)
{
	return packet ? packet->family : slot;
}

SEC("xdp")
int no_countries(struct xdp_md *frame)
{
	return ask(no_country_of);
}

char _license[] SEC("license") = "Dual BSD/GPL";
