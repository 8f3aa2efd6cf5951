# SPDX-License-Identifier: Apache-2.0
"""Runs a client against a relay that is played here, and fails if anything differs from aegis-relay(7).

  traffic.py DIRECTORY CLIENT
"""
import datetime
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

from relay_client import derive, siphash, user_hash

DIRECTORY, CLIENT = sys.argv[1:]
MASTER = bytes(range(100, 116))
USER = "a\"session\": 1, \"userHash\": 2, {[ä"
SECONDS = 10
# Bytes of IP, UDP and the header of the relay, within the MTU of 1500.
LONGEST = {socket.AF_INET: 1500 - 20 - 8 - 32, socket.AF_INET6: 1500 - 40 - 8 - 32}
HOST = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def check(truth, what):
    if not truth:
        sys.exit(f"traffic.py: {os.path.basename(CLIENT)}: {what}")


def bound(family):
    opened = socket.socket(family, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    opened.bind((HOST[family], 0))
    opened.settimeout(SECONDS)
    return opened


def text_of(address):
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def is_silent(opened):
    opened.settimeout(0.2)
    try:
        opened.recvfrom(65535)
        return False
    except TimeoutError:
        return True
    finally:
        opened.settimeout(SECONDS)


class Relay:
    """Takes a header apart by itself: nothing but SipHash is what a client also uses."""

    def __init__(self, family):
        self.socket = bound(family)
        self.address = text_of(self.socket.getsockname())
        self.session, self.expires, self.newest = 0x00300007, 0, 0

    def receive(self):
        packet, self.client = self.socket.recvfrom(65535)
        check(len(packet) >= 32, "a datagram without a header")
        version, key, flags, session, expires, user, counter, tag = struct.unpack("<BBHIIIQQ", packet[:32])
        check((version, key, flags, user) == (1, 9, 0, user_hash(USER)), f"a header of {packet[:32].hex()}")
        check((session, expires) == (self.session, self.expires), "another session")
        own = derive(MASTER, session, expires, user)
        valid = siphash(own, packet[:24] + struct.pack("<H", 8 + len(packet)))
        check(struct.pack("<Q", tag) == valid, f"a tag of {tag:016x}")
        now = time.time_ns() // 1000
        check(now - 2_000_000 < counter <= now + 1000, f"a counter {now - counter} µs behind the clock")
        check(counter > self.newest, "a counter that does not grow")
        self.step, self.newest = counter - self.newest, counter
        return packet[32:]

    def answer(self, payload):
        self.socket.sendto(payload, self.client)


def write_token(relay, lifetime, mode=0o600, **changes):
    relay.expires = int(time.time()) + lifetime
    path = os.path.join(DIRECTORY, "token.json")
    if os.path.exists(path):
        os.unlink(path)
    token = {
        "apiVersion": "aegis/v1", "kind": "RelayToken", "user": USER, "userHash": user_hash(USER),
        "session": relay.session, "key": 9,
        "secret": derive(MASTER, relay.session, relay.expires, user_hash(USER)).hex(),
        "expires": datetime.datetime.fromtimestamp(relay.expires, datetime.timezone.utc).isoformat(),
        "expiresUnix": relay.expires, "listen": [relay.address, "[2001:db8::1]:4500"], "mtu": {"secret": 1}}
    token.update(changes)
    with open(path, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        json.dump(token, file, indent=changes.get("indent", 2))
    return path


def start(path, *options):
    client = subprocess.Popen(
        [CLIENT, "--token", path, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = client.stdout.readline()
    found = re.fullmatch(r"local (\S+):(\d+), relay (\S+)\n", line)
    if not found:
        client.kill()
        check(False, f"printed {line!r}, {client.stderr.read()!r}")
    return client, (found[1].strip("[]"), int(found[2])), found[3]


def stop(client):
    client.send_signal(signal.SIGTERM)
    errors = client.communicate(timeout=SECONDS)[1]
    check(client.returncode == 0, f"exit status {client.returncode}: {errors}")
    return errors


def carries(family, local_family):
    relay = Relay(family)
    path = write_token(relay, 3600)
    options = [] if local_family == socket.AF_INET else ["--local", "[::1]:0"]
    client, local, said = start(path, *options)
    check(said == relay.address, f"another relay: {said}")
    program = bound(local_family)
    sizes = [0, 1, 7, 8, 9, 33, 1200, LONGEST[family]]
    for size in sizes:
        payload = os.urandom(size)
        program.sendto(payload, local)
        check(relay.receive() == payload, f"another payload of {size} bytes")
        relay.answer(payload[::-1])
        check(program.recvfrom(65535) == (payload[::-1], local + program.getsockname()[2:]), f"another answer of {size} bytes")
    # A burst has consecutive counters.
    steps = []
    for number in range(200):
        program.sendto(b"%d" % number, local)
    for number in range(200):
        check(relay.receive() == b"%d" % number, "a burst in another order")
        steps.append(relay.step)
    check(sum(step == 1 for step in steps) > 190, f"counters of a burst differ by {steps}")
    # After a pause it is the clock.
    time.sleep(0.3)
    program.sendto(b"late", local)
    check(relay.receive() == b"late" and relay.step > 100_000, "the counter does not follow the clock")
    # What is too long is dropped, and said once.
    for _ in range(2):
        program.sendto(bytes(LONGEST[family] + 1), local)
    program.sendto(bytes(65507), local)
    check(is_silent(relay.socket), "a datagram that is too long")
    # The program that sent last has the answer, and only the relay is listened to.
    other = bound(local_family)
    other.sendto(b"other", local)
    check(relay.receive() == b"other", "another payload of another program")
    bound(family).sendto(b"forged", relay.client)
    relay.answer(b"answer")
    check(other.recvfrom(65535)[0] == b"answer", "the answer is not that of the relay")
    check(is_silent(program), "an answer to a program that did not send last")
    with open(f"/proc/{client.pid}/cmdline", "rb") as file:
        secret = derive(MASTER, relay.session, relay.expires, user_hash(USER)).hex().encode()
        check(secret not in file.read(), "the secret is in argv")
    with open(f"/proc/{client.pid}/limits", encoding="ascii") as file:
        check(re.search(r"^Max core file size +0 +0 ", file.read(), re.M), "core dumps are possible")
    errors = stop(client)
    check(errors.count("too long\n") == 1 and "expired" not in errors, f"printed {errors!r}")
    total = len(sizes) + 200 + 2
    check(f"{total} sent, {len(sizes) + 1} received, 3 too long, 0 failed" in errors, f"printed {errors!r}")


def warns_of_expiry():
    relay = Relay(socket.AF_INET)
    client, local, _ = start(write_token(relay, -1, indent=None, listen=[]), "--relay", relay.address)
    program = bound(socket.AF_INET)
    for _ in range(3):
        program.sendto(b"x", local)
        relay.receive()
    errors = stop(client)
    check(errors.count("expired") == 1, f"printed {errors!r}")


def refuses():
    relay = Relay(socket.AF_INET)
    secret = "0123456789abcdef0123456789abcdef"
    cases = [
        (77, {"mode": 0o640}), (77, {"mode": 0o604}), (65, {"kind": "Policy"}), (65, {"apiVersion": "aegis/v2"}),
        (65, {"session": -1}), (65, {"session": 1 << 32}), (65, {"session": "1"}), (65, {"key": 256}),
        (65, {"expiresUnix": 1.5}), (65, {"userHash": 1 << 32}), (65, {"userHash": None}), (65, {"secret": secret[1:]}), (65, {"secret": secret + "0"}),
        (65, {"secret": 1}), (64, {"listen": []}), (64, {"listen": ["relay.example:4500"]}),
    ]
    for status, changes in cases:
        path = write_token(relay, 3600, **changes)
        outcome = subprocess.run([CLIENT, "--token", path], capture_output=True, text=True, timeout=SECONDS, check=False)
        check(outcome.returncode == status, f"{changes}: exit status {outcome.returncode} {outcome.stderr}")
        check(secret[:16] not in outcome.stderr, "prints a secret")
    path = write_token(relay, 3600)
    for status, arguments in [(64, []), (64, ["--token", path, "--secret", "x"]), (64, ["--token", path, "--local", "1"]),
                              (64, ["--token", path, "--relay", ":4500"]), (64, ["--token", path, "--relay", "192.0.2.1:70000"]),
                              (66, ["--token", "/nonexistent"]), (71, ["--token", path, "--local", "192.0.2.1:1"])]:
        outcome = subprocess.run([CLIENT, *arguments], capture_output=True, timeout=SECONDS, check=False)
        check(outcome.returncode == status, f"{arguments}: exit status {outcome.returncode} {outcome.stderr}")


for outer in HOST:
    for inner in HOST:
        carries(outer, inner)
warns_of_expiry()
refuses()
