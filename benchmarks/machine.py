"""What the numbers were measured on."""

import os
import platform
from pathlib import Path


def machine() -> dict[str, str | int | float]:
    return {
        "processor": _after("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(int(_after("/proc/meminfo", "MemTotal").split()[0] or 0) / 1e6, 1),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
    }


def _after(file: str, key: str) -> str:
    """`0` where the machine does not tell."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "0"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "0")
