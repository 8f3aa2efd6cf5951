// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where the operator's program continues when it is done with a packet: one program for each verdict. */
#include "datapath.h"

/* The program may have changed the frame. */
static __always_inline int finish(struct xdp_md *frame, struct verdict verdict)
{
	struct port port = port_of(frame_interface(frame));
	const struct aegis_config *settings = settings_of(), *own;
	struct aegis_hook_work *work;
	struct packet *packet;
	__u32 zero = 0;

	work = bpf_map_lookup_elem(&hook_work, &zero);
	if (!work || !work->is_open)
		return act(verdict);
	work->is_open = 0;
	work->returned++;
	packet = (struct packet *)work->packet;
	own = settings_for(packet);
	if (own)
		verdict = enforce(own, packet, verdict);
	packet->frame_length = frame_length(frame);
	return act(conclude(frame, settings, &port, counters_of(&port), packet, verdict));
}

SEC("xdp.frags")
int aegis_hook_pass(struct xdp_md *frame)
{
	return finish(frame, VERDICT(PASS, HOOK));
}

SEC("xdp.frags")
int aegis_hook_drop(struct xdp_md *frame)
{
	return finish(frame, VERDICT(DROP, HOOK));
}

SEC("xdp.frags")
int aegis_hook_reply(struct xdp_md *frame)
{
	return finish(frame, VERDICT(REPLY, HOOK));
}
