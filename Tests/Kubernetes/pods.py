#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the manifests of contrib/kubernetes, and runs their pods as a kubelet does, by runc.

  pods.py check DIRECTORY   # a field that it does not know is an error: it would be ignored here
  pods.py run WORK          # in a node's namespaces; WORK has the unpacked images and seccomp.json
"""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRIB = os.path.join(HERE, "../../contrib/kubernetes")
TRAFFIC = os.path.join(HERE, "../Package/traffic")
NODE = "10.66.0.2"
# Sources: one that the policy drops, one that it will drop, and one that it does not.
DROPPED, BANNED, ALLOWED = "198.51.100.66", "198.51.100.77", "198.51.100.88"


def fail(what):
    sys.exit(f"pods.py: {what}")


def check(truth, what):
    if not truth:
        fail(what)


def step(what):
    print(f"-- {what}", flush=True)


# The fields that are carried out below, or that only the API server reads.
WORDS = "a map of words"
LABELS = {"name": str, "namespace": str, "labels": WORDS, "annotations": WORDS}
PROBE = {"httpGet": {"path": str, "port": str}, "periodSeconds": int, "timeoutSeconds": int}
CONTAINER = {
    "name": str, "image": str, "imagePullPolicy": str, "args": [str], "env": [{"name": str, "value": str}],
    "ports": [{"name": str, "containerPort": int, "protocol": str}], "livenessProbe": PROBE, "readinessProbe": PROBE,
    "resources": {"requests": WORDS},
    "securityContext": {
        "privileged": bool, "allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool,
        "capabilities": {"drop": [str], "add": [str]}},
    "volumeMounts": [{"name": str, "mountPath": str, "mountPropagation": str, "readOnly": bool}],
}
POD = {
    "hostNetwork": bool, "dnsPolicy": str, "nodeSelector": WORDS, "tolerations": [{"operator": str}],
    "priorityClassName": str, "automountServiceAccountToken": bool, "enableServiceLinks": bool,
    "terminationGracePeriodSeconds": int,
    "securityContext": {
        "runAsUser": int, "runAsGroup": int, "seccompProfile": {"type": str}, "seLinuxOptions": {"type": str}},
    "initContainers": [CONTAINER], "containers": [CONTAINER],
    "volumes": [{"name": str, "hostPath": {"path": str, "type": str}, "configMap": {"name": str}}],
}
KINDS = {
    "Kustomization": {
        "namespace": str, "resources": [str], "configMapGenerator": [{"name": str, "files": [str]}],
        "images": [{"name": str, "newTag": str}]},
    "Namespace": {"metadata": LABELS},
    "DaemonSet": {"metadata": LABELS, "spec": {
        "selector": {"matchLabels": WORDS}, "minReadySeconds": int,
        "updateStrategy": {"type": str, "rollingUpdate": {"maxUnavailable": int}},
        "template": {"metadata": LABELS, "spec": POD}}},
}


def conform(value, form, path):
    if form == WORDS:
        check(isinstance(value, dict) and all(isinstance(word, str) for word in value.values()), f"{path}: no words")
    elif isinstance(form, dict):
        check(isinstance(value, dict), f"{path}: no map")
        for name in value:
            check(name in form, f"{path}.{name}: unknown field")
            conform(value[name], form[name], f"{path}.{name}")
    elif isinstance(form, list):
        check(isinstance(value, list), f"{path}: no list")
        for number, item in enumerate(value):
            conform(item, form[0], f"{path}[{number}]")
    else:
        # pylint: disable-next=unidiomatic-typecheck # True is an int
        check(type(value) is form, f"{path}: no {form.__name__}")


def read(path):
    with open(path, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    kind = document.get("kind")
    check(kind in KINDS, f"{path}: kind {kind}")
    conform(document, {"apiVersion": str, "kind": str} | KINDS[kind], path)
    return document


def daemonset(directory):
    """The DaemonSet of a kustomization, when all that it refers to is there."""
    kustomization = read(f"{directory}/kustomization.yaml")
    documents = [read(f"{directory}/{name}") for name in kustomization["resources"]]
    found, = [document for document in documents if document["kind"] == "DaemonSet"]
    pod = found["spec"]["template"]["spec"]
    containers = pod["initContainers"] + pod["containers"]
    for document in documents:
        name = document["metadata"]["name" if document["kind"] == "Namespace" else "namespace"]
        check(name == kustomization["namespace"], f"{directory}: namespace {name}")
    selected = found["spec"]["selector"]["matchLabels"].items()
    check(selected <= found["spec"]["template"]["metadata"]["labels"].items(), f"{directory}: selects other pods")
    image, = kustomization["images"]
    version = subprocess.run(
        ["make", "-s", "version"], check=True, capture_output=True, text=True, cwd=f"{HERE}/../..").stdout.strip()
    check(image["newTag"] == version, f"{directory}: image {image['newTag']} of version {version}")
    check({container["image"] for container in containers} == {image["name"]}, f"{directory}: images")
    generated = {policy["name"] for policy in kustomization.get("configMapGenerator", [])}
    for policy in kustomization.get("configMapGenerator", []):
        for file in policy["files"]:
            check(os.path.isfile(f"{directory}/{file}"), f"{directory}: no {file}")
    for volume in pod["volumes"]:
        check("configMap" not in volume or volume["configMap"]["name"] in generated, f"{directory}: {volume}")
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in containers:
        path = f"{directory}: {container['name']}"
        check({mount["name"] for mount in container["volumeMounts"]} <= volumes, f"{path}: no such volume")
        security = container["securityContext"]
        check(security["privileged"] is False and security["allowPrivilegeEscalation"] is False, f"{path}: privileged")
        check(security["readOnlyRootFilesystem"], f"{path}: the root can be written")
        # The memory of the maps counts as that of the container that makes them.
        check("limits" not in container["resources"], f"{path}: limited")
    check(pod["hostNetwork"] and not pod["automountServiceAccountToken"], f"{directory}: network or token")
    return found


def runtime_default(path, capabilities, knows_bpf=True):
    """The filter of system calls that containers get by default, as runc has it."""
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    rules = [{"names": names, "action": "SCMP_ACT_ALLOW", "includes": {"caps": [capability]}}
             for names, capability in ((["bpf"], "CAP_BPF"), (["perf_event_open"], "CAP_PERFMON"))]
    for rule in profile["syscalls"]:
        if knows_bpf and "bpf" in rule["names"]:
            rule["names"] = [name for name in rule["names"] if name not in ("bpf", "perf_event_open")]
    if knows_bpf:
        profile["syscalls"] += rules
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]

    def holds(condition):
        return (set(condition.get("caps") or []) <= capabilities if condition.get("caps") else True) and (
            architecture in condition["arches"] if condition.get("arches") else True)

    kept = []
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        if not holds(includes) or (excludes and holds(excludes)):
            continue
        kept.append({key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key)})
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile.get("defaultErrnoRet", 1),
            "architectures": [{"amd64": "SCMP_ARCH_X86_64", "arm64": "SCMP_ARCH_AARCH64"}[architecture]],
            "syscalls": kept}


class Ended(Exception):
    """A container that ended with another status than 0."""


class Node:
    """What a kubelet and a runtime do."""

    def __init__(self, work):
        self.work = work
        self.seen = 0
        self.name = "aegis-" + work.rsplit(".", maxsplit=1)[-1]
        self.resolver = f"{work}/resolv.conf"
        with open(self.resolver, "w", encoding="utf-8") as file:
            file.write("nameserver 10.66.0.53\n")

    def runc(self, *words, text=None):
        return subprocess.run(["runc", "--root", f"{self.work}/runc", *words], check=False, input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)

    def volume(self, volume, policy):
        if "hostPath" in volume:
            path = volume["hostPath"]["path"]
            check(volume["hostPath"]["type"] == "Directory" and os.path.isdir(path), f"no directory {path}")
            return path
        # As a kubelet writes it: links, of which one is exchanged.
        self.seen += 1
        path = f"{self.work}/policy-{self.seen}"
        os.makedirs(f"{path}/..2026_01_02")
        with open(f"{path}/..2026_01_02/policy.yaml", "w", encoding="utf-8") as file:
            file.write(policy)
        os.symlink("..2026_01_02", f"{path}/..data")
        os.symlink("..data/policy.yaml", f"{path}/policy.yaml")
        return path

    def bundle(self, pod, container, image, policy, without=(), knows_bpf=True):
        """A directory with what runc needs to run a container of a pod."""
        security = container["securityContext"]
        check("ALL" in security["capabilities"]["drop"], "does not drop all capabilities")
        capabilities = [f"CAP_{name}" for name in security["capabilities"]["add"] if name not in without]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        check(pod["dnsPolicy"] == "Default" and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault",
              "resolver or filter of system calls")
        mounts = [
            ("proc", "proc", "/proc", ["nosuid", "noexec", "nodev"]),
            ("tmpfs", "tmpfs", "/dev", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            ("sysfs", "sysfs", "/sys", ["nosuid", "noexec", "nodev", "ro"]),
            (self.resolver, "bind", "/etc/resolv.conf", ["bind", "rprivate", "rw"]),
        ]
        for mount in container["volumeMounts"]:
            propagation = {"None": "rprivate", "HostToContainer": "rslave"}[mount.get("mountPropagation", "None")]
            mounts.append((self.volume(volumes[mount["name"]], policy), "bind", mount["mountPath"],
                           ["rbind", propagation, "ro" if mount.get("readOnly") else "rw"]))
        with open(f"{self.work}/{image}/config.json", encoding="utf-8") as file:
            of_image = json.load(file)["process"]
        configuration = {
            "ociVersion": "1.0.2",
            "process": {
                "user": {"uid": pod["securityContext"]["runAsUser"], "gid": pod["securityContext"]["runAsGroup"]},
                "args": ["/usr/sbin/aegisctl", *container["args"]], "cwd": "/",
                "env": of_image["env"] + [f"{entry['name']}={entry['value']}" for entry in container["env"]],
                "capabilities": {kind: capabilities for kind in ("bounding", "effective", "permitted")},
                "noNewPrivileges": not security["allowPrivilegeEscalation"]},
            "root": {"path": f"{self.work}/{image}/rootfs", "readonly": security["readOnlyRootFilesystem"]},
            "mounts": [{"source": source, "type": kind, "destination": destination, "options": options}
                       for source, kind, destination, options in mounts],
            "linux": {
                "namespaces": [{"type": kind} for kind in ("pid", "ipc", "mount")],
                "cgroupsPath": f"/{self.name}-{container['name']}",
                "resources": {"devices": [{"allow": False, "access": "rwm"}]},
                "seccomp": runtime_default(f"{self.work}/seccomp.json", set(capabilities), knows_bpf),
                "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
                "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]}}
        self.seen += 1
        path = f"{self.work}/bundle-{self.seen}"
        os.mkdir(path)
        with open(f"{path}/config.json", "w", encoding="utf-8") as file:
            json.dump(configuration, file)
        return path

    def to_end(self, pod, container, image, policy, **options):
        """Runs an init container, and returns what it says."""
        done = self.runc("run", "--bundle", self.bundle(pod, container, image, policy, **options),
                         f"{self.name}-{container['name']}")
        for line in done.stdout.splitlines():
            print(f"{container['name']}: {line}", flush=True)
        if done.returncode:
            raise Ended(f"{container['name']}: status {done.returncode}\n{done.stdout}")
        return done.stdout


class Pod:
    """A pod that has started: its init containers are done, and the other one runs."""

    def __init__(self, node, manifest, image="image", policy=""):
        self.node = node
        self.spec = manifest["spec"]["template"]["spec"]
        self.said = [node.to_end(self.spec, container, image, policy) for container in self.spec["initContainers"]]
        self.container, = self.spec["containers"]
        self.id = f"{node.name}-{self.container['name']}"
        # pylint: disable-next=consider-using-with # stop() waits for it
        self.process = subprocess.Popen(
            ["runc", "--root", f"{node.work}/runc", "run", "--bundle",
             node.bundle(self.spec, self.container, image, policy), self.id])
        began = time.monotonic()
        while self.probe("livenessProbe")[0] != 200 or self.probe("readinessProbe")[0] != 200:
            check(self.process.poll() is None, f"{self.container['args']} has ended with {self.process.returncode}")
            check(time.monotonic() - began < 20, f"not ready within 20 s: {self.probe('readinessProbe')}")
            time.sleep(0.05)

    def probe(self, name):
        probe = self.container[name]
        port, = [port["containerPort"] for port in self.container["ports"] if port["name"] == probe["httpGet"]["port"]]
        return get(f"http://{NODE}:{port}{probe['httpGet']['path']}", probe["timeoutSeconds"])

    def aegisctl(self, *words, text=None, status=0):
        """As kubectl exec does."""
        done = self.node.runc("exec", self.id, "aegisctl", *words, text=text)
        check(done.returncode == status, f"aegisctl {' '.join(words)}: {done.returncode} {done.stdout}")
        return done.stdout

    def stop(self):
        began = time.monotonic()
        self.node.runc("kill", self.id, "TERM")
        try:
            status = self.process.wait(self.spec["terminationGracePeriodSeconds"])
        except subprocess.TimeoutExpired:
            fail(f"{self.container['args']} does not end at SIGTERM")
        check(status == 0, f"{self.container['args']} ends with {status} at SIGTERM")
        return time.monotonic() - began


def get(url, seconds=5):
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


class Counter:
    """The packets that come in from now on."""

    def __init__(self, path):
        self.path = path
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([TRAFFIC, "count", path])
        self.wait(ALLOWED)

    def count(self, source, lost=False):
        try:
            with open(self.path, encoding="utf-8") as file:
                return json.load(file).get("eth0", {}).get(source, [0, 0])[lost]
        except FileNotFoundError:
            return 0

    def wait(self, source, more=1):
        before, began = self.count(source), time.monotonic()
        while self.count(source) < before + more:
            check(time.monotonic() - began < 20, f"no packet of {source} within 20 s")
            time.sleep(0.02)

    def end(self, never):
        """No packet of a source came in, and all of the one that is allowed did."""
        time.sleep(0.3)
        self.process.kill()
        self.process.wait()
        came, lost = self.count(ALLOWED), self.count(ALLOWED, lost=True)
        check(self.count(never) == 0, f"{self.count(never)} packets of {never} came in")
        check(lost == 0, f"{lost} packets of {ALLOWED} were lost")
        print(f"{came} packets of {ALLOWED} came in, 0 lost; 0 of {never}", flush=True)
        os.remove(self.path)


def policy(*drops, interface="eth0"):
    return ("apiVersion: aegis/v1\nkind: Policy\nspec:\n  default: allow\n  mode: enforce\n"
            f"  drops: [{', '.join(drops)}]\n---\n"
            f"apiVersion: aegis/v1\nkind: Host\nspec:\n  interfaces:\n"
            f"    - {{name: {interface}, mode: auto}}\n    - {{name: eth1, mode: tc}}\n")


def program():
    """The number of the XDP program on eth0; 0 if there is none."""
    shown = subprocess.run(["ip", "-j", "link", "show", "eth0"], check=True, capture_output=True, text=True).stdout
    return json.loads(shown)[0].get("xdp", {}).get("prog", {}).get("id", 0)


def refused(node, manifest, number, **options):
    """What an init container says that fails."""
    pod = manifest["spec"]["template"]["spec"]
    try:
        node.to_end(pod, pod["initContainers"][number], "image", **options)
    except Ended as error:
        return str(error)
    return fail(f"{pod['initContainers'][number]['args']} succeeds with {options}")


def run(work):
    node = Node(work)
    manifest = daemonset(f"{CONTRIB}/base")
    uninstall = daemonset(f"{CONTRIB}/uninstall")
    load, apply = 0, 1
    # pylint: disable-next=consider-using-with
    subprocess.Popen(["ip", "netns", "exec", "at-eth0", TRAFFIC, "send", "0.001", NODE, DROPPED, BANNED, ALLOWED])

    step("with less than the manifest has, loading fails and says why")
    for capability in ("BPF", "NET_ADMIN", "PERFMON"):
        check("status 77" in refused(node, manifest, load, policy="", without=[capability]), f"without {capability}")
    check("status 77" in refused(node, manifest, load, policy="", knows_bpf=False), "an old filter of system calls")
    check(not os.path.exists("/sys/fs/bpf/aegis"), "what has failed leaves pins")

    step("the policy as it is in contrib/kubernetes")
    with open(f"{CONTRIB}/base/policy.yaml", encoding="utf-8") as file:
        pod = Pod(node, manifest, policy=file.read())
    pod.stop()

    step("the first pod of a node")
    pod = Pod(node, manifest, policy=policy(DROPPED))
    counter = Counter(f"{work}/counts")
    check("aegis_loaded 1" in get(f"http://{NODE}:9987/metrics")[1], "metrics")
    counter.wait(ALLOWED, 200)
    first = program()
    binary = f"{work}/image/rootfs/usr/sbin/aegisctl"
    shown = subprocess.run([binary, "status"], check=False, capture_output=True, text=True)
    check(shown.returncode == 0 and "eth0" in shown.stdout, f"aegisctl on the node: {shown.stdout} {shown.stderr}")

    step("rolling update: another version, and one more is dropped")
    print(f"ended {pod.stop():.1f} s after SIGTERM")
    counter.wait(ALLOWED, 200)
    pod = Pod(node, manifest, "other-image", policy(DROPPED, BANNED))
    check("replaced" in pod.said[load] and program() != first, "the datapath is not replaced")
    second = program()
    after = Counter(f"{work}/counts-after")
    after.wait(ALLOWED, 200)

    step("rolling update back")
    pod.stop()
    pod = Pod(node, manifest, policy=policy(DROPPED, BANNED))
    check("replaced" in pod.said[load] and program() != second, "the datapath is not replaced")

    step("the pod starts again, and nothing changes")
    pod.stop()
    pod = Pod(node, manifest, policy=policy(DROPPED, BANNED))
    check("unchanged" in pod.said[load] and "0 added, 0 changed, 0 removed" in pod.said[apply], "something changes")

    step("policies with a mistake, without the gateway, without the name server, for an interface that is not there")
    for wrong, status in ((policy("198.51.100.666"), 65), (policy("10.66.0.1"), 79), (policy("10.66.0.53"), 79),
                          (policy(DROPPED, BANNED, interface="eth9"), 69)):
        check(f"status {status}" in refused(node, manifest, apply, policy=wrong), wrong)
    after.wait(ALLOWED, 200)
    counter.end(never=DROPPED)
    after.end(never=BANNED)

    step("a policy on trial that nobody confirms")
    counter = Counter(f"{work}/counts")
    trial = ("apply", "-f", "-", "--prune", "--confirm-within")
    pod.aegisctl(*trial, "3s", text=policy(DROPPED, BANNED, ALLOWED))
    time.sleep(0.3)
    before = counter.count(ALLOWED)
    time.sleep(0.5)
    check(counter.count(ALLOWED) == before, "what the trial drops comes in")
    counter.wait(ALLOWED, 200)
    check(pod.probe("readinessProbe")[0] == 503, "the pod is ready when nobody has confirmed in time")
    check(pod.probe("livenessProbe")[0] == 200, "the pod is not alive when nobody has confirmed in time")
    pod.aegisctl("rollback")
    # Answers are reused for a second.
    time.sleep(1.2)
    check(pod.probe("readinessProbe")[0] == 200, "the pod is not ready after rollback")
    time.sleep(0.3)
    before = counter.count(DROPPED)
    counter.wait(ALLOWED, 200)
    check(counter.count(DROPPED) == before, "what the policy drops comes in after rollback")

    step("a policy on trial, confirmed")
    pod.aegisctl(*trial, "3s", text=policy(DROPPED))
    pod.aegisctl("confirm")
    counter.wait(BANNED, 200)
    time.sleep(4)
    check(pod.probe("readinessProbe")[0] == 200, "the pod is not ready after confirm")
    check(counter.count(DROPPED) == before, "what the policy drops comes in after confirm")

    step("uninstall, twice")
    pod.stop()
    for _ in range(2):
        pod = Pod(node, uninstall)
        check(not os.path.exists("/sys/fs/bpf/aegis"), "unload leaves pins")
        pod.stop()
    counter.wait(DROPPED, 200)
    check(program() == 0, "eth0 is attached after unload")


if __name__ == "__main__":
    if sys.argv[1] == "check":
        daemonset(sys.argv[2])
    else:
        run(sys.argv[2])
