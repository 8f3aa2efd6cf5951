/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_CLIBBPF_SHIM_H
#define AEGIS_CLIBBPF_SHIM_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/wireguard.h>
#include <stdarg.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc shows these only under _GNU_SOURCE, which Swift's view of its headers lacks. */
int vasprintf(char **text, const char *format, va_list arguments);
int setns(int descriptor, int kind);
int unshare(int flags);
int renameat2(int directory, const char *path, int other_directory, const char *other,
	      unsigned int flags);

#define BPF_O_PATH 010000000 /* O_PATH */
#define BPF_RENAME_EXCHANGE 2 /* RENAME_EXCHANGE, of Linux 5.16 on for bpffs */
#define BPF_NAMESPACE_NETWORK 0x40000000 /* CLONE_NEWNET */
#define BPF_NAMESPACE_MOUNT 0x00020000	 /* CLONE_NEWNS */

/* An enum in <sys/mount.h>, which the Glibc module leaves out. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);

#define BPF_MOUNT_REC 16384UL	    /* MS_REC */
#define BPF_MOUNT_PRIVATE (1UL << 18) /* MS_PRIVATE */

/* openat2(), for which this C library has no function, without following any symbolic link. */
static inline int bpf_open_unlinked(int directory, const char *path, unsigned long flags)
{
	struct open_how how = {.flags = flags, .resolve = RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/* From <linux/netdev.h>, which is younger than the headers that this is built with (Linux 6.3). */
#define BPF_NETDEV_FAMILY "netdev"
#define BPF_NETDEV_CMD_DEV_GET 1
#define BPF_NETDEV_A_DEV_IFINDEX 1
#define BPF_NETDEV_A_DEV_XDP_FEATURES 3

/* From <linux/l2tp.h>, which collides with <netinet/in.h>. */
#define BPF_L2TP_FAMILY "l2tp"
#define BPF_L2TP_CMD_TUNNEL_GET 4
#define BPF_L2TP_ATTR_ENCAP_TYPE 2
#define BPF_L2TP_ATTR_CONN_ID 9
#define BPF_L2TP_ATTR_IP_DADDR 25
#define BPF_L2TP_ATTR_UDP_SPORT 26
#define BPF_L2TP_ATTR_IP6_DADDR 32

/* The kernel's own errno for a missing operation; it has no name in user space. */
#define BPF_ENOTSUPP 524

#endif
