// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tries an operator's program before it is put in place: tells it of a frame as the datapath does, with maps
 * for its own use, and counts nothing.
 */
#include "datapath.h"

SEC("xdp.frags")
int aegis_trial(struct xdp_md *frame)
{
	const struct aegis_config *settings = settings_of();
	struct packet packet;
	struct verdict verdict;

	begin(frame, &packet);
	verdict = parse(frame, &packet, false);
	measure(frame, &packet);
	if (settings && !decides(verdict))
		ask_hook(frame, settings, &packet);
	return XDP_ABORTED;
}

static __always_inline int come_back(int action)
{
	__u32 zero = 0;
	struct aegis_hook_work *work = bpf_map_lookup_elem(&hook_work, &zero);

	if (work)
		work->returned++;
	return action;
}

SEC("xdp.frags")
int aegis_hook_pass(struct xdp_md *frame)
{
	return come_back(XDP_PASS);
}

SEC("xdp.frags")
int aegis_hook_drop(struct xdp_md *frame)
{
	return come_back(XDP_DROP);
}

SEC("xdp.frags")
int aegis_hook_reply(struct xdp_md *frame)
{
	return come_back(XDP_TX);
}
