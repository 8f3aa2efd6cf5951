/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_GLOBAL_H
#define AEGIS_GLOBAL_H

/* A global function is verified once, by itself, instead of once for every path to each of its calls. */
#ifdef __bpf__
#define AEGIS_GLOBAL __attribute__((noinline))
#else
#define AEGIS_GLOBAL static
#endif

#endif
