# SPDX-License-Identifier: Apache-2.0
"""What the tests of integrations share."""
import datetime
import json
import os
import subprocess
import sys
import time

AEGISCTL = os.environ["AEGISCTL"]
NOBODY = "255.255.255.254"
CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib")


def check(truth, what):
    if not truth:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {what}")


def aegisctl(*words, text=None, status=0):
    done = subprocess.run([AEGISCTL, *words], check=False, input=text, capture_output=True, text=True, timeout=60)
    check(status is None or done.returncode == status, f"aegisctl {' '.join(words)}: {done.returncode} {done.stderr}")
    return done.stdout


def drops(name):
    """The entries of a list, with the seconds left, or None for good. The list itself may have a time; see dropped()."""
    words = ["drop-ip", "--list", name, "--replace-all", NOBODY, "--dry-run", "--force", "-o", "json"]
    plan = json.loads(aegisctl(*words, status=None) or aegisctl(*words))
    return {
        item["name"]: None if item.get("expiredBefore") is None else seconds_until(item["expiredBefore"])
        for item in plan["items"] if item["action"] == "removed"}


def seconds_until(text):
    return (datetime.datetime.fromisoformat(text)
            - datetime.datetime.now(datetime.UTC)).total_seconds()


def dropped(address):
    """Whether packets of a source are dropped now."""
    return "verdict  drop" in aegisctl("why", address)


def wait(wanted, what, seconds=20):
    """Waits until something is true, and says how long it took."""
    began = time.monotonic()
    while not wanted():
        check(time.monotonic() - began < seconds, f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def ended(process):
    process.terminate()
    try:
        return process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
