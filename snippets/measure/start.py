"""Time until the first process prints a word, in a container and in a virtual machine, in turns."""

import subprocess
import sys
import time
from pathlib import Path

CONTAINER = ["docker", "run", "--rm", "busybox", "echo", "alive"]
MACHINE = [
    *("qemu-system-x86_64", "-accel", "tcg", "-m", "256"),
    *("-kernel", str(next(Path("/boot").glob("vmlinuz-*"))), "-initrd", "guest.img"),
    *("-append", "console=ttyS0 quiet panic=-1 job=alive"),
    *("-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot"),
]


def milliseconds(command):
    """From the start of the command until it prints `alive`."""
    start = time.monotonic()
    process = subprocess.Popen(["timeout", "60", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    found = next((time.monotonic() - start for line in process.stdout if b"alive" in line), None)
    process.stdout.close()
    process.wait()
    if found is None:
        sys.exit(f"{command[0]} ended without a sign of life")
    return 1000 * found


print("case,run,ms")
for run in range(1, int(sys.argv[1]) + 1):
    print(f"container,{run},{milliseconds(CONTAINER):.0f}")
    print(f"virtual machine [emulated],{run},{milliseconds(MACHINE):.0f}", flush=True)
