/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_CLINUX_SHIM_H
#define AEGIS_CLINUX_SHIM_H

#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/wireguard.h>
#include <sys/statfs.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc shows these only under _GNU_SOURCE, which Swift's view of its headers lacks. */
int setns(int descriptor, int kind);
int unshare(int flags);
int sched_getcpu(void);
int renameat2(int directory, const char *path, int other_directory, const char *other, unsigned int flags);

#define LINUX_O_PATH 010000000             /* O_PATH */
#define LINUX_RENAME_EXCHANGE 2            /* RENAME_EXCHANGE, of Linux 5.16 on for bpffs */
#define LINUX_NAMESPACE_NETWORK 0x40000000 /* CLONE_NEWNET */
#define LINUX_NAMESPACE_MOUNT 0x00020000   /* CLONE_NEWNS */

/* An enum in <sys/mount.h>, which the Glibc module leaves out. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);

#define LINUX_MOUNT_REC 16384UL         /* MS_REC */
#define LINUX_MOUNT_PRIVATE (1UL << 18) /* MS_PRIVATE */

/* Of prctl(2), which is variadic: the process leaves no core file. */
static inline int linux_forbid_dumps(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* openat2(), for which this C library has no function, without following any symbolic link. */
static inline int linux_open_unlinked(int directory, const char *path, unsigned long flags)
{
	struct open_how how = {.flags = flags, .resolve = RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/* From <linux/l2tp.h>, which collides with <netinet/in.h>. */
#define LINUX_L2TP_FAMILY "l2tp"
#define LINUX_L2TP_CMD_TUNNEL_GET 4
#define LINUX_L2TP_ATTR_ENCAP_TYPE 2
#define LINUX_L2TP_ATTR_CONN_ID 9
#define LINUX_L2TP_ATTR_IP_DADDR 25
#define LINUX_L2TP_ATTR_UDP_SPORT 26
#define LINUX_L2TP_ATTR_IP6_DADDR 32

#endif
