// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tries an operator's program: tells it of a frame as the datapath does, and counts nothing. One that is not
 * in place yet continues here; one that is continues in hook.bpf.c, which finds no packet that was given to
 * it.
 */
#include "datapath.h"

struct aegis_hook_trial trial;

SEC("xdp.frags")
int aegis_trial(struct xdp_md *frame)
{
	__u32 zero = 0;
	struct aegis_hook_work *work = bpf_map_lookup_elem(&hook_work, &zero);
	struct aegis_hook_packet *told = bpf_map_lookup_elem(&hook_packet, &zero);
	struct packet packet;
	struct verdict verdict;

	begin(frame, &packet);
	verdict = parse(frame, &packet, false);
	measure(frame, &packet);
	if (!work || !told || decides(verdict))
		return XDP_ABORTED;
	/* The program may have ended one by itself before. */
	work->layout = 0;
	tell_hook(told, &packet, settings_of());
	trial.tried++;
	bpf_tail_call_static(frame, &parts, AEGIS_PART_HOOK);
	trial.tried--;
	return XDP_ABORTED;
}

static __always_inline int come_back(int action)
{
	trial.returned++;
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
