"""Time of `docker run` until the container has ended: with the image at hand, and pulled first, in turns."""

import subprocess
import sys
import time

RUN = ["docker", "run", "--rm", "nginx", "true"]


def milliseconds():
    start = time.monotonic()
    subprocess.run(RUN, check=True, stderr=subprocess.DEVNULL)
    return 1000 * (time.monotonic() - start)


print("case,run,ms")
for run in range(1, int(sys.argv[1]) + 1):
    subprocess.run(["docker", "rmi", "nginx"], check=True, stdout=subprocess.DEVNULL)
    print(f"image pulled first,{run},{milliseconds():.0f}")
    print(f"image at hand,{run},{milliseconds():.0f}", flush=True)
