"""Random writes of 4 KiB, an fsync after each, by fio in the container `bench`: the same file in four places."""

import json
import subprocess

PLACES = {"writable layer": "/data", "volume": "/volume", "bind mount": "/bind", "tmpfs": "/tmpfs"}
JOB = "--name=job --rw=randwrite --bs=4k --size=64m --io_size=4m --fsync=1 --output-format=json"


def bench(*command: str) -> bytes:
    """What the command printed in the container."""
    return subprocess.run(["docker", "exec", "bench", *command], check=True, capture_output=True).stdout


for directory in PLACES.values():  # written in full before: a file that is only reserved costs more at its first writes
    bench("sh", "-c", f"cat /data/file > {directory}/new && mv {directory}/new {directory}/file && sync")
print("case,run,writes per second")
for run in range(1, 6):
    for place, directory in PLACES.items():
        report = json.loads(bench("fio", *JOB.split(), f"--filename={directory}/file"))
        print(f"{place},{run},{report['jobs'][0]['write']['iops']:.0f}")
