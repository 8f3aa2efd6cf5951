// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define BUCKET_MAP_TYPE BPF_MAP_TYPE_LRU_PERCPU_HASH
#include "bucket.h"
