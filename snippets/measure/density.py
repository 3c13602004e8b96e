"""Start containers one after the other; after each, the time it took and the memory of all of them.

Memory is the proportional share (PSS) that the kernel reports: a page used by ten processes counts a tenth in each.
The times go to the file that is named last.
"""

import subprocess
import sys
import time
from pathlib import Path


def mebibytes(program):
    """The proportional share of all processes of that name."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().startswith(program):
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:  # it has ended meanwhile
            continue
    return total / 1024


number, times = int(sys.argv[1]), Path(sys.argv[2])
measured = ["case,run,ms"]
print("case,containers,MiB")
for count in range(1, number + 1):
    start = time.monotonic()
    run = ["docker", "run", "-d", "--name", f"many{count}", "nginx"]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    measured.append(f"docker run -d,{count},{1000 * (time.monotonic() - start):.0f}")
    print(f"nginx processes,{count},{mebibytes('nginx'):.1f}")
    print(f"containerd-shim processes,{count},{mebibytes('containerd-shim'):.1f}", flush=True)
times.write_text("\n".join(measured) + "\n")
