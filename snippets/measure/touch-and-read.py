"""Change 4 KiB of a file of the image and make it durable, twice; then read the file: in the layer and in a volume."""

import os
import subprocess
import time
from pathlib import Path


def docker(*words: str) -> str:
    """What the command printed."""
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()


def write(path: str) -> float:
    """Milliseconds to open the file, write 4 KiB and wait for the disk."""
    start = time.monotonic()
    file = os.open(path, os.O_WRONLY)
    os.pwrite(file, b"x" * 4096, 0)
    os.fsync(file)
    os.close(file)
    return (time.monotonic() - start) * 1000


def read(path: str) -> float:
    """Microseconds of processor time to read 4 KiB from the page cache, on average over the whole file."""
    Path(path).read_bytes()
    file = os.open(path, os.O_RDONLY)
    blocks = os.fstat(file).st_size // 4096
    start = time.process_time()
    for block in range(blocks):
        os.pread(file, 4096, block * 4096)
    taken = time.process_time() - start
    os.close(file)
    return taken * 1_000_000 / blocks


times, reads = ["case,run,ms"], ["case,run,µs"]
for run in range(1, 6):
    for place, mount in ("layer", ()), ("volume", ("-v", "/data")):
        container = docker("run", "-d", *mount, "bench", "sleep", "60")
        path = f"/proc/{docker('inspect', '-f', '{{.State.Pid}}', container)}/root/data/file"
        reads.append(f"{place},{run},{read(path):.2f}")
        times.append(f"{place}: first write,{run},{write(path):.2f}")
        times.append(f"{place}: second write,{run},{write(path):.2f}")
        docker("rm", "-f", "-v", container)
Path("writes.csv").write_text("\n".join(times) + "\n")
Path("reads.csv").write_text("\n".join(reads) + "\n")
