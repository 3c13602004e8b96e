"""TCP throughput to a server on the host, from three places, one second each, in turns."""

import json
import subprocess
import sys
import time

CLIENT = ["iperf3", "--json", "--time", "1", "--client"]
PLACES = {
    "host": [*CLIENT, "127.0.0.1"],
    "host network": ["docker", "exec", "on-host", *CLIENT, "127.0.0.1"],
    "bridge": ["docker", "exec", "on-bridge", *CLIENT, "172.17.0.1"],
}


def gigabits(command):
    """What the server received."""
    for _ in range(20):  # the server serves one client at a time
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e9
        time.sleep(0.1)
    sys.exit(f"{command} failed: {done.stdout}{done.stderr}")


print("case,run,Gbit/s")
for run in range(1, int(sys.argv[1]) + 1):
    for case, command in PLACES.items():
        print(f"{case},{run},{gigabits(command):.2f}", flush=True)
