# SPDX-License-Identifier: Apache-2.0
"""The example of contrib/anomaly on labelled traffic made here: precision and recall as they are, first in a monitored
list, then in an enforced one. Fails only if they are absurd, or if --max-cut does not hold.

  anomaly.py DIRECTORY
"""
import asyncio
import json
import os
import subprocess
import sys
import threading
import time

from common import AEGISCTL, CONTRIB, aegisctl, check, dropped, drops, ended

DIRECTORY = sys.argv[1]
PROGRAM = f"{CONTRIB}/anomaly/anomaly.py"
SERVER = "10.77.0.1"
CLIENTS, FLOODERS = 40, 9
WINDOW = 3  # seconds


def command(*words):
    subprocess.run(words, check=True, timeout=20)


def network():
    command("ip", "netns", "add", "clients")
    command("ip", "link", "add", "port", "type", "veth", "peer", "name", "port", "netns", "clients")
    for inside in [], ["-n", "clients"]:
        command("ip", *inside, "link", "set", "lo", "up")
        command("ip", *inside, "link", "set", "port", "up")
    command("ip", "addr", "add", f"{SERVER}/16", "dev", "port")
    addresses = [f"10.77.1.{n + 1}" for n in range(CLIENTS)] + [f"10.77.2.{n + 1}" for n in range(FLOODERS)]
    lines = "".join(f"addr add {address}/16 dev port\n" for address in addresses)
    subprocess.run(["ip", "-n", "clients", "-b", "-"], check=True, input=lines, text=True, timeout=20)


def serve():
    """Answers each message with some bytes."""
    async def answer(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(bytes(min(1000, len(data))))
        except OSError:
            pass
        writer.close()

    async def main():
        await asyncio.start_server(answer, SERVER, 80)
        await asyncio.start_server(answer, SERVER, 443)
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()


def traffic(seed, seconds, flooders):
    return subprocess.Popen(
        ["ip", "netns", "exec", "clients", "/usr/bin/python3", os.path.join(os.path.dirname(__file__), "anomaly_traffic.py"),
         SERVER, str(seed), str(seconds), str(CLIENTS), str(flooders)])


def windows(count):
    """What events shows in some windows; it runs here, with what it prints for standard input of others."""
    words = ["events", "--direction", "in", "--rate", "20000", "--for", f"{WINDOW}s", "-o", "json"]
    return "".join(aegisctl(*words) for _ in range(count))


def learn():
    with open(f"{DIRECTORY}/baseline", "w") as file:
        for seed in range(2):
            running = traffic(seed, 8 * WINDOW + 4, 0)
            time.sleep(1)
            done = subprocess.run([PROGRAM, "learn"], check=True, input=windows(8), stdout=subprocess.PIPE, text=True, timeout=60)
            file.write(done.stdout)
            ended(running)


def feed(*options):
    return subprocess.Popen(
        [AEGISCTL, "feed", "anomaly", "--stream", "--max-cut", "5", "--ttl", "2m", "-f", "-", *options],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def judge(seed, *options):
    """Flags sources of some windows, and says how right that is."""
    running = traffic(seed, 4 * WINDOW + 20, FLOODERS)
    time.sleep(1)
    stream = feed(*options)
    found = subprocess.run(
        [PROGRAM, "judge", f"{DIRECTORY}/baseline"], check=True, input=windows(4), stdout=subprocess.PIPE, text=True, timeout=60)
    _, refused = stream.communicate(found.stdout, timeout=20)
    flagged = {line.split()[1] for line in found.stdout.splitlines()}
    right = {address for address in flagged if address.startswith("10.77.2.")}
    precision, recall = len(right) / max(1, len(flagged)), len(right) / FLOODERS
    print(f"anomaly: {' '.join(options) or 'enforced'}: {FLOODERS} flooders, {CLIENTS} clients, {len(flagged)} flagged:"
          f" precision {precision:.2f}, recall {recall:.2f}")
    for address in sorted(flagged - right):
        print(f"anomaly: flagged wrongly: {next(line for line in found.stdout.splitlines() if address in line)}")
    check(precision >= 0.3 and recall >= 0.3, f"absurd; {found.stdout}")
    return running, flagged, refused


def spared(refused):
    """The sources that --max-cut left out, as they are connected."""
    kept, found = "skipped what would cut off ", set()
    for line in refused.splitlines():
        if kept in line:
            found |= set(line.split(kept)[1].split(", "))
    return found


def monitored():
    running, flagged, refused = judge(10, "--monitor")
    check(set(drops("anomaly")) == flagged - spared(refused), f"{drops('anomaly')} {refused}")
    check(not any(dropped(address) for address in flagged), "a monitored list drops nothing")
    ended(running)


def enforced():
    aegisctl("set-list", "anomaly", "--remove")
    running, flagged, refused = judge(11)
    check(set(drops("anomaly")) == flagged - spared(refused), f"{drops('anomaly')} {refused}")
    check(all(dropped(address) for address in drops("anomaly")), "an enforced list drops")
    before = cut_off()
    time.sleep(1)
    count = cut_off() - before
    print(f"anomaly: {len(drops('anomaly'))} of {len(flagged)} in force, {count} packets dropped in a second")
    check(count > 0 or not drops("anomaly"), "an enforced list drops packets")
    ended(running)


def cut_off():
    """The packets that were dropped up to now."""
    return json.loads(aegisctl("stats", "-o", "json"))["total"]["dropped"]["packets"]


def too_much():
    """A detector that calls every client a flooder does not cut off those that are connected."""
    aegisctl("set-list", "anomaly", "--remove")
    running = traffic(12, 8, 0)
    time.sleep(2)
    stream = feed()
    clients = {f"10.77.1.{n + 1}" for n in range(CLIENTS)}
    _, refused = stream.communicate("".join(f"add {client} 2m\n" for client in clients), timeout=20)
    kept = spared(refused)
    # Every fourth client holds one connection all the time.
    check(len(kept) >= CLIENTS // 4 and set(drops("anomaly")) == clients - kept, f"--max-cut: {refused}")
    print(f"anomaly: --max-cut 5 spared the {len(kept)} of {CLIENTS} clients that had a connection")
    ended(running)


aegisctl("load", "-q")
network()
serve()
aegisctl("attach", "port", "-q")
learn()
monitored()
enforced()
too_much()
aegisctl("detach", "port", "-q")
aegisctl("unload", "-q")
