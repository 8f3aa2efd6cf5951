// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a wire needs besides the datapath. It is loaded with the first wire. */
#include <linux/pkt_cls.h>

#include "count.h"
#include "maps.h"

/*
 * Behind tc egress of both ports. A gateway that sends anything by itself is not invisible. What a bridge
 * forwards has come in by an interface; what XDP redirects does not come this way.
 */
SEC("tc")
int aegis_silence(struct __sk_buff *frame)
{
	struct port port = port_of(frame->ifindex);
	struct aegis_counters *counts = counters_of(&port);

	if (frame->ingress_ifindex)
		return TC_ACT_UNSPEC;
	if (counts)
		counts->silenced++;
	return TC_ACT_SHOT;
}

/*
 * Counts frames that the other port does not take; no counter of the driver does. The arguments of the
 * tracepoint are those of _trace_xdp_redirect_map_err() since Linux 5.13: device, program, target, error,
 * type and number of the map, key.
 */
SEC("raw_tp/xdp_redirect_err")
int aegis_lost(struct bpf_raw_tracepoint_args *event)
{
	__u32 zero = 0, slot = event->args[6];
	const struct aegis_meta *origin = bpf_map_lookup_elem(&meta, &zero);
	struct port port = {bpf_map_lookup_elem(&interfaces, &slot), slot};
	struct aegis_counters *counts;

	if (!origin || !origin->wire || origin->wire != (__u32)event->args[5] || !port.known)
		return 0;
	counts = counters_of(&port);
	if (counts)
		counts->lost++;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
