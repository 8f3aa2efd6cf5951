// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An operator's program that looks at what it is told, and lets everything pass. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "../aegis-hook.h"

SEC("xdp.frags")
int bench_hook(struct xdp_md *frame)
{
	const struct aegis_hook_packet *packet = aegis_packet();

	if (packet && packet->protocol == 255)
		return aegis_finish(frame, AEGIS_HOOK_DROP);
	return aegis_finish(frame, AEGIS_HOOK_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
