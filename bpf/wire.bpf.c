// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a wire needs besides the datapath. It is loaded with the first wire. */
#include <linux/pkt_cls.h>

#include "count.h"
#include "maps.h"

/*
 * Behind tc egress of both ports. A gateway that sends anything by itself is not invisible, nor is one whose
 * containers do. Only what came in by the other port may leave, as a bridge below forwards it; what XDP
 * redirects does not come this way.
 */
SEC("tc")
int aegis_silence(struct __sk_buff *frame)
{
	struct port port = port_of(frame->ifindex);
	struct aegis_counters *counts = counters_of(&port);

	if (port.known && frame->ingress_ifindex && frame->ingress_ifindex == port.known->peer)
		return TC_ACT_UNSPEC;
	if (counts)
		counts->silenced++;
	return TC_ACT_SHOT;
}

static __always_inline void count_lost(const struct port *port, __u32 frames)
{
	struct aegis_counters *counts = port->known ? counters_of(port) : NULL;

	if (counts)
		counts->lost += frames;
}

/*
 * Counts frames that the other port refuses one by one, which no counter of a driver does. The arguments are
 * those of _trace_xdp_redirect_map_err() since Linux 5.13: device, program, target, error, type and number of
 * the map, key.
 */
SEC("raw_tp/xdp_redirect_err")
int aegis_refused(struct bpf_raw_tracepoint_args *event)
{
	__u32 zero = 0, slot = event->args[6];
	const struct aegis_meta *origin = bpf_map_lookup_elem(&meta, &zero);
	struct port port = {bpf_map_lookup_elem(&interfaces, &slot), slot};

	if (origin && origin->wire && origin->wire == (__u32)event->args[5])
		count_lost(&port, 1);
	return 0;
}

/* The only field that is read; where it is depends on the kernel. */
struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

static __always_inline __u32 ifindex_of(const struct net_device *device)
{
	__u32 ifindex = 0;

	bpf_probe_read_kernel(&ifindex, sizeof(ifindex), __builtin_preserve_access_index(&device->ifindex));
	return ifindex;
}

/*
 * Counts frames that the other port takes from the program and then has no room for. The arguments are those
 * of trace_xdp_devmap_xmit(): device, other device, frames sent, frames dropped, error.
 */
SEC("raw_tp/xdp_devmap_xmit")
int aegis_dropped(struct bpf_raw_tracepoint_args *event)
{
	__u32 dropped = event->args[3];
	struct port port;

	if (!dropped)
		return 0;
	port = port_of(ifindex_of((const struct net_device *)event->args[0]));
	if (port.known && port.known->peer == ifindex_of((const struct net_device *)event->args[1]))
		count_lost(&port, dropped);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
