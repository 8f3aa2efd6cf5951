# SPDX-License-Identifier: Apache-2.0
"""What the tests of integrations share."""
import json
import os
import subprocess
import sys
import time

AEGISCTL = os.environ["AEGISCTL"]
CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib")


def check(truth, what):
    if not truth:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {what}")


def aegisctl(*words, text=None, status=0):
    done = subprocess.run([AEGISCTL, *words], check=False, input=text, capture_output=True, text=True, timeout=60)
    check(status is None or done.returncode == status, f"aegisctl {' '.join(words)}: {done.returncode} {done.stderr}")
    return done.stdout


def drops(name):
    """The entries of a list, with the seconds left, or None for good; none if there is no such list."""
    found = json.loads(aegisctl("dump", "drops", "--list", name, "-o", "json", status=None) or '{"drops": []}')
    left = {entry["name"]: entry.get("remainingMilliseconds") for entry in found["drops"]}
    return {address: None if value is None else value / 1000 for address, value in left.items()}


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
