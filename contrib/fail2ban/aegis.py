# SPDX-License-Identifier: Apache-2.0
"""Bans by aegisctl, in a list of its own for each jail. Copy it to /etc/fail2ban/action.d and name it in jail.local:

  [DEFAULT]
  banaction = aegis.py
  banaction_allports = aegis.py

Options, as in aegis.py[ipv6prefix=64]:

  list        the list (f2b- and the name of the jail)
  ipv6prefix  64 bans the /64 of an IPv6 address (128)
  linger      how long bans hold after the jail was stopped, so that a restart leaves no gap; 0 lifts them (30)
  aegisctl    the program (/usr/sbin/aegisctl)

At the start of a jail the list becomes what the database of fail2ban has, by one call. aegis.conf does without Python,
and restores one ban after the other.
"""
import ipaddress
import subprocess
import threading
import time

from fail2ban.server.action import ActionBase
from fail2ban.server.ipdns import IPAddr

REFUSED_IN_PART = 65


class Action(ActionBase):
    def __init__(self, jail, name, **options):
        super().__init__(jail, name)
        self._restored = set()
        # A ban by fail2ban-client comes from another thread, and can come before the start.
        self._lock = threading.Lock()
        self.reload(**options)

    def reload(self, list=None, ipv6prefix=128, linger=30, aegisctl="/usr/sbin/aegisctl", **_):
        """Takes options anew. jail.conf also gives a port and a protocol; a ban holds for all of them."""
        self._list = list or f"f2b-{self._jail.name}"
        self._prefix = int(ipv6prefix)
        self._linger = int(linger)
        self._aegisctl = aegisctl

    def clearAllParams(self):
        """Has to be there, or fail2ban drops the action when it is reloaded."""

    def start(self):
        """Makes the list exactly what fail2ban has, and only then ends the time that it was to linger."""
        with self._lock:
            bans = {}
            for ticket in self._current():
                try:
                    network = self._network(ticket.getIP())
                except ValueError:  # a ban of something else, such as a user
                    continue
                left = self._left(ticket.getTime(), ticket.getBanTime(self._jail.actions.getBanTime()))
                known = bans.get(network, left)
                bans[network] = 0 if 0 in (left, known) else max(left, known)
            if bans:
                lines = [f"add bans {network} timeout {left}\n" for network, left in bans.items()]
                self._call(
                    ["drop-ip", "--list", self._list, "--replace-all", "--skip-guarded", "-f", "-"],
                    "create bans hash:net timeout 0\n" + "".join(lines), may_skip=True)
            else:
                self._lift_all()
            self._call(["set-list", self._list, "--ttl", "never"])
            self._restored = set(bans)

    def stop(self):
        with self._lock:
            if self._linger > 0:
                self._call(["set-list", self._list, "--ttl", f"{self._linger}s"])
            else:
                self._lift_all()

    def ban(self, info):
        network = self._network(info["ip"])
        with self._lock:
            if info["restored"] and network in self._restored:
                return
            left = self._left(info["time"], info["bantime"])
            ttl = f"{left}s" if left else "never"
            self._call(["drop-ip", network, "--list", self._list, "--ttl", ttl, "--extend"])

    _prolongable = True
    prolong = ban

    def unban(self, info):
        """Lifts a ban, unless another banned host is in the same network."""
        network = self._network(info["ip"])
        with self._lock:
            if not any(self._network(ticket.getIP()) == network for ticket in self._neighbours(network)):
                self._call(["drop-ip", "--list", self._list, "--remove", network])

    def flush(self):
        """Lifts all bans. fail2ban also flushes when it stops, and then stop() decides."""
        if self._jail.actions.active:
            with self._lock:
                self._lift_all()
                self._call(["set-list", self._list])
        return True

    def consistencyCheck(self, before_repair=None):
        """Is called if a banned host still gets through, as after a reload of the datapath."""
        if before_repair is None or before_repair():
            self.start()

    def _neighbours(self, network):
        return self._jail.actions.banManager if self._prefix < 128 and ":" in network else []

    def _current(self):
        """The bans that there are, and those that fail2ban is about to restore."""
        jail = self._jail
        tickets = list(jail.actions.banManager)
        if jail.database is not None:
            time_of_all = None if jail.getBanTimeExtra("increment") else jail.actions.getBanTime()
            tickets += [
                ticket for ticket in jail.database.getCurrentBans(jail=jail, forbantime=time_of_all)
                if not jail.filter.inIgnoreIPList(ticket.getID())]
        return tickets

    def _network(self, address):
        if not isinstance(address, IPAddr):
            address = IPAddr(address)
        if not address.isValid:
            raise ValueError(f"{address} is not an address")
        text = str(address)
        if address.isIPv4 or self._prefix >= 128:
            return text
        network = ipaddress.ip_network(text)
        return str(network.supernet(new_prefix=self._prefix) if network.prefixlen > self._prefix else network)

    @staticmethod
    def _left(begin, seconds):
        """The seconds that a ban still holds; 0 is for good."""
        return 0 if seconds < 0 else max(1, round(begin + seconds - time.time()))

    def _lift_all(self):
        self._call(["set-list", self._list, "--remove"])

    def _call(self, words, text="", may_skip=False):
        done = subprocess.run(
            [self._aegisctl, *words, "-q"], check=False, input=text, capture_output=True, text=True, timeout=60)
        for line in done.stderr.splitlines():
            self._logSys.warning("%s: %s", self._list, line)
        if done.returncode != 0 and not (may_skip and done.returncode == REFUSED_IN_PART):
            raise RuntimeError(f"aegisctl {' '.join(words)}: exit status {done.returncode}")
