# SPDX-License-Identifier: Apache-2.0
"""contrib/suricata with EVE lines as Suricata writes them.

  suricata.py DIRECTORY
"""
import json
import subprocess

from common import AEGISCTL, CONTRIB, aegisctl, check, drops, wait

ANSWERED = {"pkts_toserver": 4, "pkts_toclient": 3, "bytes_toserver": 496, "bytes_toclient": 398}


def alert(source, severity=1, **more):
    return json.dumps({
        "timestamp": "2026-01-02T03:04:05.678901+0000", "flow_id": 1234567890123456, "in_iface": "eth0",
        "event_type": "alert", "src_ip": source, "src_port": 40000, "dest_ip": "203.0.113.10", "dest_port": 80,
        "proto": "TCP", "flow": ANSWERED, "alert": {
            "action": "allowed", "gid": 1, "signature_id": 2024897, "rev": 1, "severity": severity,
            "signature": "ET SCAN user agent\n add 192.0.2.99", "category": "Attempted Information Leak"}} | more) + "\n"


LINES = [
    alert("198.51.100.7"),
    alert("2001:db8::7", severity=2),
    alert("198.51.100.8", severity=3),
    alert("198.51.100.9", proto="UDP"),
    alert("198.51.100.10", flow={"pkts_toserver": 1, "pkts_toclient": 0}),
    alert("203.0.113.10", alert={"severity": 1, "signature": "x", "source": {"ip": "198.51.100.11", "port": 1}}),
    '{"timestamp":"2026-01-02T03:04:05.678901+0000","event_type":"stats","stats":{"uptime":8}}\n',
    '{"event_type":"alert","src_ip"\n',
    "[]\n",
]

aegisctl("load", "-q")
eve = subprocess.Popen(
    [f"{CONTRIB}/suricata/aegis-eve", "--severity", "2", "--ttl", "30m"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    stderr=subprocess.PIPE, text=True)
feed = subprocess.Popen([AEGISCTL, "feed", "suricata", "--stream", "-f", "-"], stdin=eve.stdout)
eve.stdin.writelines(LINES)
eve.stdin.flush()
WANTED = {"198.51.100.7", "2001:db8::7", "198.51.100.11"}
took = wait(lambda: set(drops("suricata")) == WANTED, f"alerts are applied: {drops('suricata')}")
check(all(1790 < left < 1800 for left in drops("suricata").values()), "the time of alerts")
eve.stdin.close()
check(eve.stderr.read().count("is not an event") == 2, "lines that are not events are named")
check(eve.wait(10) == 0 and feed.wait(10) == 0, "the pipe ends well")
check(set(drops("suricata")) == WANTED, "what is applied stays")
aegisctl("unload", "-q")
print(f"suricata: alerts are in force {took:.1f} s after they were written")
