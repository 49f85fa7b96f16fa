"""Where and with what a bench was run."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine, and the commit of this code: empty where it is installed without git."""

    system: str
    processor: str
    num_cores: int
    memory_gb: float
    python: str
    commit: str

    def text(self) -> str:
        """Return it in one sentence."""
        return (
            f"{self.system}, {self.processor}, {self.num_cores} cores, {self.memory_gb:.0f} GB,"
            f" Python {self.python}"
        )


def here() -> Machine:
    """Return this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        num_cores=cores or 1,
        memory_gb=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        python=platform.python_version(),
        commit=commit(Path(__file__).parent),
    )


def commit(folder: Path) -> str:
    """Return the commit that a folder is at, with a + where a file was changed since."""
    found = _git(folder, "rev-parse", "--short=12", "HEAD")
    changed = found and _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{found}+" if changed else found


def _git(folder: Path, *words: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown processor"
