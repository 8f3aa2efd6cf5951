/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_TC_H
#define AEGIS_TC_H

#include "datapath.h"

/* Number of bytes that hold the headers of nearly every packet. */
#define TC_HEADERS 256

/*
 * Drivers and packet sockets may leave everything after the Ethernet header in other pieces of the buffer.
 * XDP linearizes it by itself.
 */
static __always_inline void pull_headers(struct __sk_buff *frame)
{
	__u32 wanted = frame->len < TC_HEADERS ? frame->len : TC_HEADERS;

	if (frame_linear(frame) < wanted)
		bpf_skb_pull_data(frame, wanted);
}

#endif
