"""What a page may require beyond an ordinary lab, and whether a lab has it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Ask = Callable[[tuple[str, ...]], tuple[int, str]]  # a command's exit status and output in the lab

_COMPARISONS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_VERSIONED = re.compile(r"docker(?:\s*(?P<comparison>[<>=!]=|[<>])\s*(?P<version>\d+(?:\.\d+)*))?")
SECRET = "secret:"  # what the front matter's secrets are, as requirements of every step
_NO_MODULE = re.compile(r"kernel has no (VXLAN|IPVS|ESP)\b")
_MODULES = {"VXLAN": ("vxlan",), "IPVS": ("ip_vs",), "ESP": ("esp4", "xfrm_user")}
BOOT_LIMIT = 10  # seconds; with hardware virtualisation it takes one or two
_BOOT = r"""
cd "$(mktemp -d)"
trap 'rm -r "$PWD"' EXIT
mkdir bin
cp "$(command -v busybox)" bin/busybox
printf '#!/bin/busybox sh\necho the first process runs\n/bin/busybox poweroff -f\n' > init
chmod +x init
find bin init | cpio --quiet -o -H newc > guest.img
timeout "$1" qemu-system-x86_64 -accel kvm -cpu host -m 128 -nodefaults -no-reboot -display none -serial stdio \
  -kernel "$(ls /boot/vmlinuz-* | head -n 1)" -initrd guest.img -append 'console=ttyS0 quiet panic=-1' > said 2>&1 || :
grep -q 'the first process runs' said || { cat said; exit 1; }
"""
_LEADING_VERSION = re.compile(r"\d+(?:\.\d+)*")


class RequirementError(ValueError):
    """A requirement that pagelab does not know; `advice` lists the known ones."""

    def __init__(self, text: str) -> None:
        self.problem = f"unknown requirement `{text}`"
        self.advice = f"Known: {', '.join(KNOWN)}. The version is that of the lab's Docker Engine (>= <= == != > <)."
        super().__init__(f"{self.problem}\n  {self.advice}")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a page needs. `comparison` and `version` are set for an engine version only."""

    name: str
    comparison: str = ""
    version: tuple[int, ...] = ()
    secret: str = ""  # the name of the environment's variable, where the requirement is one

    @property
    def numbers(self) -> str:
        """The version as text."""
        return ".".join(map(str, self.version))

    def __str__(self) -> str:
        return f"{self.name}{self.comparison}{self.numbers}{self.secret and f':{self.secret}'}"


def parse_requirement(text: str) -> Requirement:
    """The requirement in the text, such as `swarm`, `docker>=25` or `secret:NAME`. Raises RequirementError."""
    text = text.strip()
    if text.startswith(SECRET):
        return Requirement("secret", secret=text.removeprefix(SECRET))
    if found := _VERSIONED.fullmatch(text):
        version = tuple(int(part) for part in (found["version"] or "").split(".") if part)
        return Requirement("docker", found["comparison"] or "", version)
    if text not in _DETECTORS:
        raise RequirementError(text)
    return Requirement(text)


def read_insisted(texts: Iterable[str]) -> frozenset[str]:
    """What a run may insist on, each in its one spelling: requirements, `all`, or `secret`. Raises RequirementError."""
    kinds = ("all", "secret")
    return frozenset(text if text in kinds else str(parse_requirement(text)) for text in texts)


def lacks(requirement: Requirement, ask: Ask) -> str:
    """Empty when the lab has what is required, else the reason in words. Raises what `ask` raises.

    Nothing that it asks changes the lab, and no lab can be asked for a secret.
    """
    if requirement.name == "docker":
        return _docker(requirement, ask)
    return _DETECTORS[requirement.name](ask)


def missing_modules(reason: str) -> tuple[str, ...]:
    """The kernel's modules that would have been there but for this reason; none where it is about something else."""
    found = _NO_MODULE.search(reason)
    return _MODULES[found[1]] if found else ()


def _docker(requirement: Requirement, ask: Ask) -> str:
    """Versions are compared by the parts that the page writes: 26.1.5 is `==26.1`, and not `>26`."""
    status, output = ask(("docker", "version", "--format", "{{.Server.Version}}"))
    found = _LEADING_VERSION.match(output.strip())
    if status != 0 or not found:
        return "the lab has no Docker Engine"
    if not requirement.comparison:
        return ""
    wanted = requirement.version
    parts = tuple(int(part) for part in found[0].split("."))
    seen = (parts + (0,) * len(wanted))[: len(wanted)]
    if _COMPARISONS[requirement.comparison](seen, wanted):
        return ""
    return f"the lab's Docker Engine is {found[0]}"


def _swarm(ask: Ask) -> str:
    """An engine with swarm mode, on a kernel with VXLAN, tried in a network namespace that ends with the command."""
    status, state = ask(("docker", "info", "--format", "{{.Swarm.LocalNodeState}}"))
    if status != 0:
        return "the lab has no Docker Engine"
    if state.strip() not in ("inactive", "pending", "active", "locked"):
        return "the lab's Docker Engine has no swarm mode"
    tried, _ = ask(("unshare", "--net", "ip", "link", "add", "probe", "type", "vxlan", "id", "1", "dstport", "4789"))
    return "" if tried == 0 else "this kernel has no VXLAN, which a swarm's overlay networks need"


def _kubernetes(ask: Ask) -> str:
    status, _ = ask(("kubectl", "--request-timeout=5s", "get", "--raw", "/readyz"))
    return "" if status == 0 else "the lab is no Kubernetes cluster: its page asks for none"


def _kvm(ask: Ask) -> str:
    """Booting one is the only proof: some devices accept every call and then hang with a Linux guest."""
    status, _ = ask(("test", "-c", "/dev/kvm"))
    if status != 0:
        return "the lab has no /dev/kvm"
    status, said = ask(("sh", "-ec", _BOOT, "sh", str(BOOT_LIMIT)))
    if status == 0:
        return ""
    why = said.strip().rpartition("\n")[2]
    return f"a Linux guest on /dev/kvm does not get to its first process within {BOOT_LIMIT} s{why and f': {why}'}"


def _gvisor(ask: Ask) -> str:
    """A runsc that takes the arguments which the engine gives it: an older one may not know the platform among them."""
    template = '{{with index .Runtimes "runsc"}}{{println .Path}}{{range .Args}}{{println .}}{{end}}{{end}}'
    status, output = ask(("docker", "info", "--format", template))
    if status != 0:
        return "the lab has no Docker Engine"
    command = tuple(output.split())
    if not command:
        return "the lab's Docker Engine has no runtime runsc (gVisor)"
    started, _ = ask((*command, "list"))
    return "" if started == 0 else f"the lab's Docker Engine names a runtime runsc, but `{' '.join(command)}` fails"


def _cgroup_v2(ask: Ask) -> str:
    status, kind = ask(("stat", "--file-system", "--format", "%T", "/sys/fs/cgroup"))
    if status != 0:
        return "this host has no cgroups"
    return "" if kind.strip() == "cgroup2fs" else "this host has cgroup v1"


def _apparmor(ask: Ask) -> str:
    """What counts is whether containers are confined; that the kernel has the module is not enough."""
    _, enabled = ask(("cat", "/sys/module/apparmor/parameters/enabled"))
    if enabled.strip() != "Y":
        return "this host's kernel runs without AppArmor"
    status, options = ask(("docker", "info", "--format", "{{json .SecurityOptions}}"))
    if status != 0:
        return "the lab has no Docker Engine"
    return "" if "name=apparmor" in options else "this host has AppArmor, but the lab's Docker Engine does not use it"


def _ipvs(ask: Ask) -> str:
    """A kernel loads the module when somebody asks for it by its name, as Docker does; a file in /proc only then."""
    status, _ = ask(("genl", "ctrl", "get", "name", "IPVS"))
    return "" if status == 0 else "this host's kernel has no IPVS"


def _ipsec(ask: Ask) -> str:
    """An association that the kernel accepts, in a network namespace that ends with the command."""
    association = "src 127.0.0.1 dst 127.0.0.1 proto esp spi 1 mode transport enc cbc(aes)".split()
    key = "0x00112233445566778899aabbccddeeff"
    status, _ = ask(("unshare", "--net", "ip", "xfrm", "state", "add", *association, key))
    return "" if status == 0 else "this host's kernel has no ESP, which IPsec needs"


def _internet(ask: Ask) -> str:
    """A default route proves nothing: some engines give one that leads into a closed network."""
    command = ("curl", "--silent", "--max-time", "5", "--output", "/dev/null", "https://example.com")
    reached, _ = ask(command)
    return "" if reached == 0 else "labs have no way out to the internet"


_DETECTORS: dict[str, Callable[[Ask], str]] = {
    "swarm": _swarm,
    "kubernetes": _kubernetes,
    "kvm": _kvm,
    "gvisor": _gvisor,
    "cgroup-v2": _cgroup_v2,
    "apparmor": _apparmor,
    "ipvs": _ipvs,
    "ipsec": _ipsec,
    "internet": _internet,
}
KNOWN = ("docker>=25", *_DETECTORS)  # as a page writes them, for messages and the command line
