/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_CLIBBPF_SHIM_H
#define AEGIS_CLIBBPF_SHIM_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <stdarg.h>

/* glibc shows this only under _GNU_SOURCE, which Swift's view of its headers lacks. */
int vasprintf(char **text, const char *format, va_list arguments);

/* From <linux/netdev.h>, which is younger than the headers that this is built with (Linux 6.3). */
#define BPF_NETDEV_FAMILY "netdev"
#define BPF_NETDEV_CMD_DEV_GET 1
#define BPF_NETDEV_A_DEV_IFINDEX 1
#define BPF_NETDEV_A_DEV_XDP_FEATURES 3

/* From <linux/bpf.h> of Linux 6.6, for the same reason. */
#define BPF_TCX_INGRESS 46
#define BPF_TCX_EGRESS 47
#define BPF_LINK_TYPE_TCX 11
#define BPF_F_BEFORE 8

#endif
