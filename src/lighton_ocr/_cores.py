"""How many CPU cores there are for this process."""

import os
from pathlib import Path


def free_cores() -> int:
    """Count the CPU cores that this process may use, within a container's quota."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    quota = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000": two cores in each period
    try:
        limit, period = quota.read_text().split()
    except (OSError, ValueError):
        return cores
    return cores if limit == "max" else max(1, min(cores, int(limit) // int(period)))
