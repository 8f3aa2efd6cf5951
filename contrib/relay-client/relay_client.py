#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Any UDP program becomes a client of the relay of Aegis.

  relay_client.py --token FILE [--local ADDR:PORT] [--relay ADDR:PORT]

What the program sends to the local address goes to the relay, with the header of aegis-relay(7) in front. What the
relay sends goes to the program that sent last. FILE is what `aegisctl relay-token USER -o json` prints.
"""
import argparse
import errno
import json
import os
import resource
import select
import signal
import socket
import stat
import struct
import sys
import time

VERSION = 1
HEADER = 32
UDP_HEADER = 8
LONGEST = 65535
BURST = 64
LAG = 100_000  # µs
WORD = (1 << 64) - 1

# <linux/in.h> and <linux/in6.h>; the module socket of Python 3.11 does not have them.
MTU_DISCOVER = {socket.AF_INET: (socket.IPPROTO_IP, 10), socket.AF_INET6: (socket.IPPROTO_IPV6, 23)}
PMTUDISC_DO = 2


def siphash(key, data, size=8):
    """SipHash-2-4 of data under a key of 16 bytes. The result has 8 or 16 bytes."""
    if len(key) != 16 or size not in (8, 16):
        raise ValueError("a key has 16 bytes, a result 8 or 16")
    low, high = struct.unpack("<QQ", key)
    a, b = low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D
    c, d = low ^ 0x6C7967656E657261, high ^ 0x7465646279746573
    if size == 16:
        b ^= 0xEE

    def left(value, bits):
        return (value << bits | value >> (64 - bits)) & WORD

    def mix(count):
        nonlocal a, b, c, d
        for _ in range(count):
            a, c = (a + b) & WORD, (c + d) & WORD
            b, d = left(b, 13) ^ a, left(d, 16) ^ c
            a, c = (left(a, 32) + d) & WORD, (c + b) & WORD
            b, d = left(b, 17) ^ c, left(d, 21) ^ a
            c = left(c, 32)

    # The last word is what is left over, zeros, and the length.
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        d ^= word
        mix(2)
        a ^= word
    c ^= 0xEE if size == 16 else 0xFF
    mix(4)
    result = a ^ b ^ c ^ d
    if size == 8:
        return struct.pack("<Q", result)
    b ^= 0xDD
    mix(4)
    return struct.pack("<QQ", result, a ^ b ^ c ^ d)


def user_hash(name):
    """The number of a user in tokens and headers. aegisctl puts it into a token, so a client does not need this."""
    return struct.unpack("<I", siphash(bytes(16), name.encode())[:4])[0]


def derive(master, session, expires, user):
    """The secret of a session, which the relay derives from its master key. user: its hash."""
    return siphash(master, struct.pack("<III", session, expires, user), 16)


def header(token, counter, udp_length):
    """The 32 bytes in front of a payload.

    token: a dictionary with key, session, expiresUnix, userHash and secret (hexadecimal).
    udp_length: what the length field of the UDP header will be: 8 + 32 + the payload.
    """
    covered = struct.pack(
        "<BBHIIIQ", VERSION, token["key"], 0, token["session"], token["expiresUnix"], token["userHash"], counter)
    return covered + siphash(bytes.fromhex(token["secret"]), covered + struct.pack("<H", udp_length))


class Counter:
    """One more than the last, so that a burst stays within the replay window; but never far behind the clock."""

    def __init__(self, clock=lambda: time.time_ns() // 1000):
        self.clock = clock
        self.last = 0

    def next(self):
        now = self.clock()
        following = self.last + 1
        self.last = now if now - following > LAG else following
        return self.last


class Failure(Exception):
    """What ends the program: the status, and why."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Options(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(64, message)


def read_token(path):
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise Failure(77, f"{path}: others can read it: run chmod 600 {path}")
            text = file.read(LONGEST)
    except OSError as error:
        raise Failure(66, f"{path}: {error.strerror}") from error
    try:
        token = json.loads(text)
    except ValueError as error:
        raise Failure(65, f"{path}: not JSON") from error
    if not isinstance(token, dict) or (token.get("apiVersion"), token.get("kind")) != ("aegis/v1", "RelayToken"):
        raise Failure(65, f"{path}: not what aegisctl relay-token -o json prints")
    for name, bits in (("session", 32), ("key", 8), ("expiresUnix", 32), ("userHash", 32)):
        value = token.get(name)
        if type(value) is not int or not 0 <= value < 1 << bits:
            raise Failure(65, f"{path}: '{name}' is not a number up to {(1 << bits) - 1}")
    secret = token.get("secret")
    if not isinstance(secret, str) or len(secret) != 32 or not set(secret) <= set("0123456789abcdefABCDEF"):
        raise Failure(65, f"{path}: 'secret' is not 32 hexadecimal digits")
    return token


def read_address(text):
    """The family, and the address as a socket takes it."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    try:
        if not host or not 0 <= int(port) <= 65535:
            raise ValueError
        found = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV)
    except (ValueError, OverflowError, OSError) as error:
        raise Failure(64, f"'{text}' is not ADDR:PORT") from error
    return found[0][0], found[0][4]


def show(address):
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def open_socket(family):
    opened = socket.socket(family, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.setsockopt(*MTU_DISCOVER[family], PMTUDISC_DO)
    return opened


def received(source):
    """What has come, but not so much that the other direction has to wait long."""
    for _ in range(BURST):
        try:
            yield source.recvfrom(LONGEST)
        except OSError:
            return


class Client:
    def __init__(self, token, local, remote, relay):
        self.token, self.local, self.remote, self.relay = token, local, remote, relay
        self.counter = Counter()
        self.peer = None
        self.counts = {"sent": 0, "received": 0, "too long": 0, "failed": 0}
        self.warned = set()

    def warn(self, what, text):
        if what not in self.warned:
            self.warned.add(what)
            print(f"relay-client: {text}", file=sys.stderr)

    def forth(self, payload):
        if time.time() >= self.token["expiresUnix"]:
            self.warn("expired", "the token has expired: get a new one")
        length = UDP_HEADER + HEADER + len(payload)
        try:
            if length > LONGEST:
                raise OSError(errno.EMSGSIZE, "too long")
            self.remote.sendto(header(self.token, self.counter.next(), length) + payload, self.relay)
            self.counts["sent"] += 1
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                self.counts["too long"] += 1
                self.warn("long", f"dropped a datagram of {len(payload)} bytes, which is too long")
            else:
                self.counts["failed"] += 1
                self.warn("failed", f"the relay: {error.strerror}")

    def back(self, payload, source):
        if self.peer is None or source[:2] != self.relay[:2]:
            return
        try:
            self.local.sendto(payload, self.peer)
            self.counts["received"] += 1
        except OSError:
            pass

    def run(self, wake):
        poll = select.poll()
        for source in (self.local, self.remote, wake):
            poll.register(source, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if wake.fileno() in ready:
                return
            for payload, self.peer in received(self.local):
                self.forth(payload)
            for payload, source in received(self.remote):
                self.back(payload, source)


def main():
    parser = Options(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--token", required=True, metavar="FILE", help="the output of aegisctl relay-token USER -o json")
    parser.add_argument("--local", default="127.0.0.1:0", metavar="ADDR:PORT", help="where the program sends to")
    parser.add_argument("--relay", metavar="ADDR:PORT", help="the default is the first address of the token")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    token = read_token(options.token)
    text = options.relay
    if text is None:
        listen = token.get("listen")
        text = str(listen[0]) if isinstance(listen, list) and listen else ""
    relay_family, relay = read_address(text)
    local_family, address = read_address(options.local)
    local, remote = open_socket(local_family), open_socket(relay_family)
    try:
        local.bind(address)
    except OSError as error:
        raise Failure(71, f"--local: {error.strerror}") from error
    # A signal makes a socket readable, so that none comes too early.
    wake, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    print(f"local {show(local.getsockname())}, relay {show(relay)}", flush=True)
    client = Client(token, local, remote, relay)
    client.run(wake)
    counts = ", ".join(f"{count} {name}" for name, count in client.counts.items())
    print(f"relay-client: {counts}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(f"relay-client: {failure}", file=sys.stderr)
        sys.exit(failure.status)
