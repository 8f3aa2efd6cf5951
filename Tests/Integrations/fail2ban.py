# SPDX-License-Identifier: Apache-2.0
"""The actions of contrib/fail2ban with the real fail2ban: 20,000 bans restored at its start, none lost over a restart,
bans of others kept, permanent bans, networks of IPv6, and what is left when it stops.

  fail2ban.py DIRECTORY
"""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from common import AEGISCTL, CONTRIB, aegisctl, check, dropped, drops, wait

DIRECTORY = sys.argv[1]
CONFIGURATION = f"{DIRECTORY}/fail2ban"
MANY = 20_000
OWN = "10.9.9.9"


def client(*words):
    done = subprocess.run(
        ["fail2ban-client", "-c", CONFIGURATION, "-s", f"{DIRECTORY}/socket", *words], check=False, capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"fail2ban-client {' '.join(words)}: {done.stdout} {done.stderr}")
    return done.stdout


def configure(action):
    for name in ("aegis.conf", "aegis.py"):
        shutil.copy(f"{CONTRIB}/fail2ban/{name}", f"{CONFIGURATION}/action.d/{name}")
    with open(f"{CONFIGURATION}/fail2ban.local", "w") as file:
        file.write(f"[Definition]\nallowipv6 = auto\nsocket = {DIRECTORY}/socket\npidfile = {DIRECTORY}/pid\n"
                   f"dbfile = {DIRECTORY}/bans.sqlite3\ndbpurgeage = 7d\nlogtarget = {DIRECTORY}/log\n")
    with open(f"{CONFIGURATION}/jail.local", "w") as file:
        file.write(f"[DEFAULT]\nbackend = polling\nlogpath = {DIRECTORY}/watched\nfilter = sshd\n"
                   f"banaction = {action}\n"
                   f"action = %(banaction)s[aegisctl={AEGISCTL}, port=ssh, protocol=tcp]\n"
                   f"[many]\nenabled = true\nbantime = 1d\n[forever]\nenabled = true\nbantime = -1\n"
                   f"[networks]\nenabled = true\nbantime = 10m\naction = %(banaction)s[aegisctl={AEGISCTL}, ipv6prefix=64]\n")


def start():
    server = subprocess.Popen(["fail2ban-server", "-f", "-x", "-c", CONFIGURATION, "start"], stdout=subprocess.DEVNULL)
    wait(lambda: os.path.exists(f"{DIRECTORY}/socket"), "fail2ban listens")
    wait(lambda: subprocess.run(["fail2ban-client", "-s", f"{DIRECTORY}/socket", "ping"], check=False,
                                capture_output=True).returncode == 0, "fail2ban answers")
    return server


def stop(server):
    server.send_signal(signal.SIGTERM)
    check(server.wait(60) == 0, "fail2ban did not end well")


def fill():
    """Gives fail2ban's database bans of a while ago, one of which is over."""
    now = int(time.time())
    rows = [(f"10.0.{i >> 8}.{i & 255}", "many", now - 60 - i % 3600, 86400) for i in range(MANY)]
    rows.append(("10.8.8.8", "many", now - 90_000, 86400))
    with sqlite3.connect(f"{DIRECTORY}/bans.sqlite3") as database:
        for table in "bans", "bips":
            database.executemany(
                f"INSERT INTO {table}(ip, jail, timeofban, bantime, bancount, data) VALUES(?, ?, ?, ?, 1, '{{}}')", rows)


def lists():
    return {name: drops(name) for name in ("f2b-many", "f2b-forever", "f2b-networks")}


def errors():
    usual = "New database", "already banned"
    with open(f"{DIRECTORY}/log") as file:
        return [line for line in file if "ERROR" in line or ("WARNING" in line and not any(one in line for one in usual))]


def by_python():
    configure("aegis.py")
    began = time.monotonic()
    server = start()
    wait(lambda: "unchanged" in aegisctl("set-list", "f2b-many", "--dry-run"), "the list of a jail")
    empty = time.monotonic() - began
    stop(server)
    fill()
    began = time.monotonic()
    server = start()
    wait(lambda: dropped("10.0.0.7"), "a ban is in force", 60)
    wait(lambda: len(drops("f2b-many")) == MANY, f"{MANY} bans are in force")
    took = time.monotonic() - began
    wait(lambda: str(MANY) in client("status", "many").split("Currently banned:")[1].split("\n")[0], "fail2ban knows", 60)
    print(f"fail2ban: {MANY} bans in force {took:.1f} s after the start of fail2ban, which takes {empty:.1f} s without"
          f" any, all restored after {time.monotonic() - began:.1f} s")
    check(took - empty <= 10, "slow")
    left = drops("f2b-many")["10.0.0.7"]
    check(86400 - 60 - 7 - 60 < left < 86400 - 60 - 7, f"a restored ban ends when it did, not in {left} s")

    # A ban that an operator has too.
    aegisctl("drop-ip", OWN)
    client("set", "many", "banip", OWN)
    client("set", "forever", "banip", OWN, "2001:db8::5", "192.0.2.8")
    client("set", "networks", "banip", "2001:db8:1:2::3", "2001:db8:1:2::4", "192.0.2.8")
    wait(lambda: set(drops("f2b-networks")) == {"192.0.2.8", "2001:db8:1:2::/64"}, "networks")
    wait(lambda: drops("f2b-forever") == {OWN: None, "2001:db8::5": None, "192.0.2.8": None}, "permanent bans")
    client("set", "many", "unbanip", OWN, "10.0.0.7")
    wait(lambda: len(drops("f2b-many")) == MANY - 1 and OWN not in drops("f2b-many"), "an unban of a restored ban")
    check(OWN in drops("manual"), "the operator's ban survives")
    client("set", "networks", "unbanip", "2001:db8:1:2::3")
    time.sleep(0.3)
    check("2001:db8:1:2::/64" in drops("f2b-networks"), "another host of the network is still banned")
    client("set", "networks", "unbanip", "2001:db8:1:2::4")
    wait(lambda: set(drops("f2b-networks")) == {"192.0.2.8"}, "the last host of a network")

    # Over a restart, and without the server in between.
    before = lists()
    stop(server)
    between = lists()
    check({name: set(bans) for name, bans in between.items()} == {name: set(bans) for name, bans in before.items()},
          "bans are kept while fail2ban restarts")
    check(dropped("10.0.0.8") and dropped("2001:db8::5"), "and are in force")
    server = start()
    wait(lambda: str(MANY - 1) in client("status", "many"), "fail2ban knows again", 60)
    after = lists()
    check({name: set(bans) for name, bans in after.items()} == {name: set(bans) for name, bans in before.items()},
          "no ban is lost over a restart")
    check(set(after["f2b-forever"].values()) == {None}, "permanent bans stay permanent")
    client("reload")
    check(len(drops("f2b-many")) == MANY - 1, "no ban is lost over a reload")
    client("set", "many", "banip", "10.7.7.7")
    wait(lambda: "10.7.7.7" in drops("f2b-many"), "bans after a reload")

    # A datapath that was loaded anew, until fail2ban sees a banned host again.
    aegisctl("unload", "-q")
    aegisctl("load", "-q")
    aegisctl("drop-ip", OWN)
    time.sleep(3)
    for _ in range(5):
        client("set", "many", "attempt", "10.0.0.8", "a failure")
    wait(lambda: len(drops("f2b-many")) == MANY, "bans come back")

    client("unban", "--all")
    wait(lambda: not any(lists().values()), "all bans are lifted")
    check(set(drops("manual")) == {OWN}, "but not the operator's")
    check(not errors(), f"{errors()}")
    return server


def over_for_good(server):
    """After the time to linger, nothing of a server that was stopped is in force."""
    configure("aegis.py[linger=2]")
    client("reload", "--restart")
    client("set", "forever", "banip", "192.0.2.8")
    wait(lambda: dropped("192.0.2.8"), "a permanent ban")
    stop(server)
    wait(lambda: not dropped("192.0.2.8"), "nothing stays", 10)


def by_commands():
    os.remove(f"{DIRECTORY}/bans.sqlite3")
    configure("aegis")
    server = start()
    aegisctl("drop-ip", OWN)
    client("set", "many", "banip", OWN, "10.0.0.1")
    client("set", "forever", "banip", "2001:db8::5", "192.0.2.8")
    client("set", "networks", "banip", "2001:db8:1:2::3", "192.0.2.8")
    wait(lambda: set(drops("f2b-networks")) == {"192.0.2.8", "2001:db8:1:2::/64"}, "networks")
    wait(lambda: drops("f2b-forever") == {"2001:db8::5": None, "192.0.2.8": None}, "permanent bans")
    wait(lambda: all(86000 < left <= 86400 for left in drops("f2b-many").values()), "the time of bans")
    client("set", "many", "unbanip", OWN)
    wait(lambda: set(drops("f2b-many")) == {"10.0.0.1"}, "an unban")
    check(OWN in drops("manual"), "the operator's ban survives")
    stop(server)
    check(not any(lists().values()) and not dropped("192.0.2.8"), "stopped for good")
    server = start()
    wait(lambda: set(drops("f2b-networks")) == {"192.0.2.8", "2001:db8:1:2::/64"}, "networks restored")
    wait(lambda: drops("f2b-forever") == {"2001:db8::5": None, "192.0.2.8": None}, "permanent bans restored")
    wait(lambda: set(drops("f2b-many")) == {"10.0.0.1"}, "bans restored")
    client("unban", "--all")
    wait(lambda: not any(lists().values()), "all bans are lifted")
    stop(server)
    check(not errors(), f"{errors()}")


shutil.copytree("/etc/fail2ban", CONFIGURATION)
shutil.rmtree(f"{CONFIGURATION}/jail.d")
open(f"{DIRECTORY}/watched", "w").close()
aegisctl("load", "-q")
over_for_good(by_python())
by_commands()
aegisctl("unload", "-q")
print("fail2ban: both actions work")
