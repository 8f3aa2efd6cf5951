#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Finds sources that behave unlike any did before, by an isolation forest over what `aegisctl events -o json` shows.

  anomaly.py learn <EVENTS >BASELINE               a line for each source and window
  anomaly.py judge BASELINE [--ttl 2m] <EVENTS     prints lines for aegisctl feed NAME --stream -f -

EVENTS are windows of some seconds, each with its EventSummary at the end:

  while aegisctl events --direction in --rate 20000 --for 5s -o json; do sleep 5; done

It is an example: it knows what it was shown and no more. Use the list with --monitor first, and always with --max-cut.
Needs scikit-learn: python3-sklearn in Debian.
"""
import argparse
import json
import math
import sys
from collections import defaultdict

FEWEST = 10  # events in a window; less says nothing of a source
SYN, ACK = 0x02, 0x10


def tcp_flags(event):
    """The flags of a TCP segment; 0 if it is none, or its header is not in the first bytes."""
    packet = bytes.fromhex(event.get("packet", ""))
    ip = 14 + 4 * len(event["ethernet"]["vlans"])
    if event.get("protocol") != "tcp" or len(packet) <= ip:
        return 0
    size = 4 * (packet[ip] & 15) if packet[ip] >> 4 == 4 else 40
    return packet[ip + size + 13] if len(packet) > ip + size + 13 else 0


def windows(lines):
    """Yields the sources of each window with their events, and how many packets a second an event stands for."""
    sources = defaultdict(list)
    for line in lines:
        event = json.loads(line)
        if event["kind"] == "Event" and "source" in event:
            sources[event["source"]].append(event)
        elif event["kind"] == "EventSummary":
            # Under load not every packet is shown: events has a budget, and counts what it held back.
            yield sources, event["matched"] / max(1, event["told"]) / event["seconds"]
            sources = defaultdict(list)


def features(events, weight):
    """What a source is judged by. The logarithm makes ten times as much the same step everywhere."""
    flags = [tcp_flags(event) for event in events]
    return [
        math.log(len(events) * weight),
        sum(flag & (SYN | ACK) == SYN for flag in flags) / len(events),
        math.log(sum(event["length"] for event in events) / len(events)),
        math.log(len({event.get("destinationPort", 0) for event in events})),
    ]


def learn():
    for sources, weight in windows(sys.stdin):
        for source, events in sources.items():
            if len(events) >= FEWEST:
                print(json.dumps({"source": source, "features": features(events, weight)}))


def judge(baseline, ttl):
    from sklearn.ensemble import IsolationForest

    with open(baseline) as file:
        known = [json.loads(line)["features"] for line in file]
    forest = IsolationForest(n_estimators=200, contamination=0.01, random_state=1).fit(known)
    usual = sorted(row[0] for row in known)[len(known) // 2]
    for sources, weight in windows(sys.stdin):
        rows = {
            source: features(events, weight) for source, events in sources.items() if len(events) >= FEWEST}
        # Who sends less than most is strange perhaps, but no reason to drop anything.
        rows = {source: row for source, row in rows.items() if row[0] > usual}
        verdicts = forest.predict(list(rows.values())) if rows else []
        for (source, row), verdict in zip(rows.items(), verdicts, strict=True):
            if verdict < 0:
                packets, syn, length, ports = row
                print(f"add {source} {ttl} {math.exp(packets):.0f}/s, {syn:.0%} SYN, {math.exp(length):.0f} bytes,"
                      f" {math.exp(ports):.0f} ports", flush=True)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
verbs = parser.add_subparsers(dest="verb", required=True)
verbs.add_parser("learn")
judging = verbs.add_parser("judge")
judging.add_argument("baseline")
judging.add_argument("--ttl", default="2m", help="how long a source is listed")
options = parser.parse_args()
if options.verb == "learn":
    learn()
else:
    judge(options.baseline, options.ttl)
