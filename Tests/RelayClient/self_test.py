# SPDX-License-Identifier: Apache-2.0
"""Prints what relay-client --self-test prints, by the other implementation."""
from relay_client import Counter, derive, header, siphash, user_hash

MASTER = bytes(range(16))

for size in (8, 16):
    for length in range(64):
        print(siphash(MASTER, bytes(range(length)), size).hex())
for i in range(64):
    session, expires = (0x00100005 + i * 0x01234567) & 0xFFFFFFFF, 1893456000 + i
    user = (user_hash("alice") + i * 0x89ABCDEF) & 0xFFFFFFFF
    token = {"session": session, "key": i, "expiresUnix": expires, "userHash": user,
             "secret": derive(MASTER, session, expires, user).hex()}
    print(header(token, 1764288000000000 + i * 0x0123456789ABC, 8 + 32 + 5 + i * 1000).hex())
times = iter(range(1000000, 2000000, 49999))
counter = Counter(lambda: next(times))
for _ in range(8):
    print(counter.next())
