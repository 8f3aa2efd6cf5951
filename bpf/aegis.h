/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ABI between the datapath and the tools that administer it, one header per topic. The BPF programs
 * include it directly, Swift through module.modulemap. Fields have fixed widths, the widest first, in host
 * byte order unless their comment says otherwise. Padding is explicit and zero.
 */
#ifndef AEGIS_H
#define AEGIS_H

#include "abi/address.h"
#include "abi/catalogue.h"
#include "abi/classes.h"
#include "abi/config.h"
#include "abi/counters.h"
#include "abi/entries.h"
#include "abi/events.h"
#include "abi/geo.h"
#include "abi/hook.h"
#include "abi/latency.h"
#include "abi/meta.h"
#include "abi/prefix.h"
#include "abi/profiles.h"
#include "abi/rates.h"
#include "abi/reasons.h"
#include "abi/relay.h"
#include "abi/rules.h"
#include "abi/survey.h"
#include "abi/trace.h"

#endif
