"""SHA-256 over blocks of 16 KiB, by the same program on the host and in the container `tools`, in turns.

The container sees the host's files below /host. OpenSSL divides by the processor time that it was given, so other work
on the machine counts little.
"""

import subprocess
import sys

WORK = ["openssl", "speed", "-seconds", "1", "-bytes", "16384", "-evp", "sha256", "-mr"]
PLACES = {"host": WORK, "container": ["docker", "exec", "tools", "chroot", "/host", *WORK]}


def megabytes(command):
    """Per second of processor time, from the line `+F:…:bytes per second`."""
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("+F:"))
    return float(line.split(":")[-1]) / 1e6


print("case,run,MB/s")
for run in range(1, int(sys.argv[1]) + 1):
    for case, command in PLACES.items():
        print(f"{case},{run},{megabytes(command):.1f}", flush=True)
