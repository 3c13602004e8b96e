"""Open files of an image for writing, change one byte, and print how long it took: the first time and once more."""

import sys
import time


def write(path: str) -> float:
    """Milliseconds to open the file and change its first byte."""
    start = time.monotonic()
    with open(path, "r+b", buffering=0) as file:
        file.write(b"x")
    return (time.monotonic() - start) * 1000


run, root = sys.argv[1:]
for size in 1, 16, 64, 256:
    for which in "first write", "second write":
        print(f"{which} {size} MiB,{run},{write(f'{root}/file-{size}'):.3f}")
