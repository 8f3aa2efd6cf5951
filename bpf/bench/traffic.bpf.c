// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The empty programs behind tc. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int empty_shot(struct __sk_buff *frame)
{
	return TC_ACT_SHOT;
}

SEC("tc")
int empty_next(struct __sk_buff *frame)
{
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual BSD/GPL";
