# SPDX-License-Identifier: Apache-2.0
"""contrib/crowdsec with the real CrowdSec and its custom bouncer: fed by standard input, and called for each decision.

  crowdsec.py DIRECTORY

CROWDSEC names a directory with Debian's packages crowdsec and crowdsec-custom-bouncer unpacked in it.
"""
import os
import shutil
import socket
import subprocess
import sys
import time

from common import AEGISCTL, CONTRIB, aegisctl, check, dropped, drops, ended, wait

DIRECTORY = sys.argv[1]
CROWDSEC = os.environ["CROWDSEC"]
SCRIPT = f"{CONTRIB}/crowdsec/aegis-bouncer"
HUGE = 5_000
# As the bouncer writes them; the last one has a duration that is over.
LINES = '''\
{"duration":"59m58.96s","id":1,"origin":"cscli","scenario":"manual 'ban'","scope":"Ip","type":"ban","value":"192.0.2.55","action":"add"}
{"duration":"4m59.008382883s","id":2,"origin":"cscli","scenario":"s","scope":"Ip","type":"ban","value":"192.0.2.9","action":"add"}
{"duration":"4m59s","id":3,"origin":"cscli","scenario":"a reason","scope":"Range","type":"ban","value":"198.51.100.0/24","action":"add"}
{"duration":"4m59s","id":4,"origin":"cscli","scenario":"s","scope":"Country","type":"ban","value":"XX","action":"add"}
{"duration":"4m59s","id":5,"origin":"cscli","scenario":"s","scope":"Ip","type":"captcha","value":"192.0.2.7","action":"add"}
{"duration":"-956.061605ms","id":2,"origin":"cscli","scenario":"s","scope":"Ip","type":"ban","value":"192.0.2.9","action":"del"}
{"duration":"-1.955988191s","id":2,"origin":"cscli","scenario":"s","scope":"Ip","type":"ban","value":"192.0.2.9","action":"del"}
'''


def documented_lines():
    done = subprocess.run([SCRIPT, ""], check=False, input=LINES, capture_output=True, text=True, timeout=20)
    check(done.returncode == 0 and not done.stdout + done.stderr, f"the script: {done}")
    check(set(drops("crowdsec")) == {"192.0.2.55", "198.51.100.0/24"}, f"{drops('crowdsec')}")
    check(3590 < drops("crowdsec")["192.0.2.55"] < 3600, "the duration of a decision")
    aegisctl("set-list", "crowdsec", "--remove")


class CrowdSec:
    def __init__(self):
        shutil.copytree(f"{CROWDSEC}/etc/crowdsec", f"{DIRECTORY}/etc")
        for name in ("data", "hub", "plugins", "notifications"):
            os.mkdir(f"{DIRECTORY}/{name}")
        with open(f"{DIRECTORY}/hub/.index.json", "w") as file:
            file.write("{}")
        self.configuration = f"{DIRECTORY}/config.yaml"
        with open(self.configuration, "w") as file:
            file.write(f"""\
common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: .}}
config_paths: {{config_dir: {DIRECTORY}/etc/, data_dir: {DIRECTORY}/data/, hub_dir: {DIRECTORY}/hub/,
  simulation_path: {DIRECTORY}/etc/simulation.yaml, index_path: {DIRECTORY}/hub/.index.json,
  notification_dir: {DIRECTORY}/notifications/, plugin_dir: {DIRECTORY}/plugins/}}
cscli: {{output: human}}
db_config: {{log_level: info, type: sqlite, use_wal: true, db_path: {DIRECTORY}/data/crowdsec.db}}
api:
  client: {{insecure_skip_verify: false, credentials_path: {DIRECTORY}/etc/local_api_credentials.yaml}}
  server: {{log_level: info, listen_uri: "127.0.0.1:8080", profiles_path: {DIRECTORY}/etc/profiles.yaml,
    console_path: {DIRECTORY}/etc/console.yaml}}
prometheus: {{enabled: false}}
""")
        self.cscli("machines", "add", "-a", "-f", f"{DIRECTORY}/etc/local_api_credentials.yaml")
        self.key = self.cscli("bouncers", "add", "aegis", "-o", "raw").strip()
        self.server = self.started("crowdsec", "-c", self.configuration, "-no-cs")
        wait(self.answers, "CrowdSec listens", 60)

    @staticmethod
    def started(name, *words):
        with open(f"{DIRECTORY}/{name}.log", "a") as log:
            return subprocess.Popen([f"{CROWDSEC}/usr/bin/{name}", *words], stdout=log, stderr=log)

    @staticmethod
    def answers():
        with socket.socket() as opened:
            return opened.connect_ex(("127.0.0.1", 8080)) == 0

    def cscli(self, *words):
        done = subprocess.run(
            [f"{CROWDSEC}/usr/bin/cscli", "-c", self.configuration, *words], check=False, capture_output=True, text=True,
            timeout=60)
        check(done.returncode == 0, f"cscli {' '.join(words)}: {done.stderr}")
        return done.stdout

    def bouncer(self, stream):
        path = f"{DIRECTORY}/bouncer.yaml"
        with open(path, "w") as file:
            file.write(f"""\
bin_path: {SCRIPT}
feed_via_stdin: {"true" if stream else "false"}
total_retries: -1
piddir: {DIRECTORY}
update_frequency: 1s
daemonize: false
log_mode: stdout
log_level: info
api_url: http://127.0.0.1:8080/
api_key: {self.key}
prometheus: {{enabled: false}}
""")
        return self.started("crowdsec-custom-bouncer", "-c", path)


def with_program():
    crowdsec = CrowdSec()
    crowdsec.cscli("decisions", "add", "--ip", "192.0.2.55", "--duration", "1h")
    aegisctl("drop-ip", "192.0.2.9")
    for stream in (False, True):
        bouncer = crowdsec.bouncer(stream)
        wait(lambda: dropped("192.0.2.55"), "a decision of before is applied")
        crowdsec.cscli("decisions", "add", "--ip", "192.0.2.9", "--duration", "5m")
        crowdsec.cscli("decisions", "add", "--range", "198.51.100.0/24", "--duration", "5m", "-R", "a reason")
        crowdsec.cscli("decisions", "add", "--ip", "2001:db8::9", "--duration", "5m")
        took = wait(lambda: set(drops("crowdsec")) == {"192.0.2.55", "192.0.2.9", "198.51.100.0/24", "2001:db8::9"},
                    "decisions are applied")
        crowdsec.cscli("decisions", "delete", "--ip", "192.0.2.9")
        crowdsec.cscli("decisions", "delete", "--ip", "2001:db8::9")
        crowdsec.cscli("decisions", "delete", "--range", "198.51.100.0/24")
        wait(lambda: set(drops("crowdsec")) == {"192.0.2.55"}, "decisions are lifted")
        check("192.0.2.9" in drops("manual"), "the operator's ban survives")
        print(f"crowdsec: {'by standard input' if stream else 'by a call each'}, in force {took:.1f} s after cscli")
        if stream:
            many(crowdsec)
        ended(bouncer)
        check(set(drops("crowdsec")) == {"192.0.2.55"}, "what is applied stays when the bouncer ends")
        aegisctl("set-list", "crowdsec", "--remove")
    ended(crowdsec.server)


def many(crowdsec):
    """Thousands of decisions at once, as a blocklist makes them."""
    with open(f"{DIRECTORY}/many.csv", "w") as file:
        file.write("duration,scope,value\n")
        file.writelines(f"1h,ip,10.1.{i >> 8}.{i & 255}\n" for i in range(HUGE))
    crowdsec.cscli("decisions", "import", "-i", f"{DIRECTORY}/many.csv")
    began = time.monotonic()
    wait(lambda: len(drops("crowdsec")) == HUGE + 1, "many decisions are applied", 60)
    print(f"crowdsec: {HUGE} decisions in force {time.monotonic() - began:.1f} s after their import")
    crowdsec.cscli("decisions", "delete", "--all")
    crowdsec.cscli("decisions", "add", "--ip", "192.0.2.55", "--duration", "1h")
    wait(lambda: set(drops("crowdsec")) == {"192.0.2.55"}, "many decisions are lifted", 60)


os.environ["AEGISCTL"] = AEGISCTL
aegisctl("load", "-q")
documented_lines()
with_program()
aegisctl("unload", "-q")
print("crowdsec: both ways work")
