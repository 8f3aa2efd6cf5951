/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_BENCH_HOST_H
#define AEGIS_BENCH_HOST_H

#include <arpa/inet.h>
#include <errno.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's headers would define types that aegis.h has too. */
#define BENCH_IPV4 0x0800 /* ETH_P_IP */

/* glibc shows sched_setaffinity and its macros only under _GNU_SOURCE. */
static inline int bench_pin(unsigned cpu)
{
	unsigned long mask = 1UL << cpu;

	return (int)syscall(SYS_sched_setaffinity, 0, sizeof(mask), &mask);
}

/* Opens a socket whose packets a program sees. Returns its descriptor, or a negated errno. */
static inline int bench_observe(int domain, const struct sockaddr *name, socklen_t size, int program)
{
	int descriptor = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		return -errno;
	/* Attach the program first, so that no packet waits in the socket. */
	if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) ||
	    bind(descriptor, name, size)) {
		int code = errno;

		close(descriptor);
		return -code;
	}
	return descriptor;
}

/* Receives the IPv4 packets of an interface, after nftables on ingress and before any chain of iptables. */
static inline int bench_observe_link(unsigned interface, int program)
{
	struct sockaddr_ll name = {
		.sll_family = AF_PACKET, .sll_protocol = htons(BENCH_IPV4), .sll_ifindex = (int)interface};

	return bench_observe(AF_PACKET, (const struct sockaddr *)&name, sizeof(name), program);
}

/* Receives the datagrams to a port. */
static inline int bench_observe_port(unsigned short port, int program)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};

	return bench_observe(AF_INET, (const struct sockaddr *)&name, sizeof(name), program);
}

#endif
