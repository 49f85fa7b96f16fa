#!/usr/bin/env python3
"""
Set up, run, test and check Milkrun with nothing but Python 3.11+ and git.

    python3 dev.py setup            make .venv from the locked packages
    python3 dev.py setup --bench    the same, with the peers of `milkrun bench`; they stay
    python3 dev.py demo [...]       plan and serve a made-up firm's day in a generated city
    python3 dev.py test [...]       checks, then all tests (further words go to pytest)
    python3 dev.py check            ruff format and lint, mypy, import-linter
    python3 dev.py format           let ruff mend what it can
    python3 dev.py bench [...]      the benchmarks (see docs/benchmarks.md)
    python3 dev.py lock             write the lock files anew from pyproject.toml

Only the standard library is used here: this file runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
BOOT = ROOT / ".boot"
VENV = ROOT / ".venv"
STAMP = VENV / "milkrun.stamp"
LOCK = ROOT / "requirements.lock"
BENCH_LOCK = ROOT / "requirements-bench.lock"
OSRM_LOCK = ROOT / "tests" / "osrm.lock"
OSRM = BOOT / "osrm"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
UV_VERSION = "0.13.9"


def main(arguments: list[str]) -> int:
    """Run the command that the first word names."""
    commands = {
        "setup": setup,
        "demo": demo,
        "test": test,
        "check": check,
        "format": format_code,
        "bench": bench,
        "lock": lock,
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__.strip())
        return 0 if arguments and arguments[0] in {"help", "-h", "--help"} else 2
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        return _fail(f"Python {found} runs this; 3.11 or newer is needed", "python3.11 dev.py ...")
    try:
        return commands[arguments[0]](arguments[1:])
    except subprocess.CalledProcessError as error:
        words = " ".join(map(str, error.cmd))
        return _fail(f"{words}: exit status {error.returncode}", "see the lines above")
    except KeyboardInterrupt:
        return 130


def setup(arguments: list[str]) -> int:
    """Make the virtual environment, or leave it alone when it is up to date."""
    peers = "--bench" in arguments or _has_peers()
    stamp = _stamp(peers=peers)
    if STAMP.exists() and STAMP.read_text() == stamp and _python().exists():
        return 0
    uv = _uv()
    print("milkrun: setting up .venv ...", flush=True)
    if not _python().exists() or _moved():
        shutil.rmtree(VENV, ignore_errors=True)
        _run(uv, "venv", "--quiet", "--no-project", "--python", _base_python(), VENV)
    target = ("--quiet", "--python", _python())
    locks = (LOCK, BENCH_LOCK) if peers else (LOCK,)
    _run(uv, "pip", "sync", *target, "--compile-bytecode", "--require-hashes", *locks)
    _run(uv, "pip", "install", *target, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    _compile()
    STAMP.write_text(stamp)
    return 0


def demo(arguments: list[str]) -> int:
    """Plan the demo day and serve it."""
    setup([])
    return _call(VENV / "bin" / "milkrun", "demo", *arguments)


def check(_: list[str]) -> int:
    """Run every static check; the first that fails decides the exit status."""
    setup([])
    for command in (
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("mypy",),
        ("lint-imports", "--no-logo"),
    ):
        status = _call(VENV / "bin" / command[0], *command[1:])
        if status:
            return status
    return 0


def format_code(_: list[str]) -> int:
    """Let ruff mend format and imports."""
    setup([])
    _call(VENV / "bin" / "ruff", "check", "--fix", "--quiet", ".")
    return _call(VENV / "bin" / "ruff", "format", ".")


def test(arguments: list[str]) -> int:
    """Check, then test."""
    setup([])
    _osrm()
    _compile()
    status = 0 if arguments else check([])
    tests = ("--numprocesses", "2", "--dist", "loadgroup") if not arguments else ()
    return _call(_python(), "-m", "pytest", *tests, *arguments) or status


def bench(arguments: list[str]) -> int:
    """Run a benchmark of tests/bench, or list them."""
    setup([])
    _osrm()
    return _call(_python(), "-m", "tests.bench", *arguments)


def lock(_: list[str]) -> int:
    """Resolve the dependencies anew; the locks carry hashes and no address."""
    uv = _uv()
    export = ("export", "--quiet", "--no-emit-project", "--format", "requirements-txt")
    _run(uv, *export, "--no-header", "--upgrade", "--output-file", LOCK)
    _lock_peers(uv)
    wanted = b"osrm-bindings\n"
    command = ("pip", "compile", "--quiet", "--no-deps", "--no-header", "--no-annotate")
    subprocess.run(
        [uv, *command, "--generate-hashes", "--python-version", "3.12", "-o", OSRM_LOCK, "-"],
        check=True,
        cwd=ROOT,
        env=_environment(),
        input=wanted,
    )
    return 0


def _lock_peers(uv: Path | str) -> None:
    """Lock what the extra `bench` adds to the packages that are locked already."""
    locked = re.findall(r"^([a-z0-9][\w.-]*)==", LOCK.read_text(), flags=re.MULTILINE)
    rest = [word for name in locked for word in ("--no-emit-package", name)]
    command = ("pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate")
    wanted = ("--upgrade", "--extra", "bench", "--constraint", LOCK, "pyproject.toml")
    _run(uv, *command, "--generate-hashes", *rest, *wanted, "--output-file", BENCH_LOCK)


def _compile() -> None:
    """Compile the search, unless that was done and no module of it changed; it says so itself."""
    _run(_python(), "-m", "routing.engine.ready")


def _osrm() -> None:
    """Put OSRM's programs beside the tests: the yardstick for time and truth of the maps."""
    stamp = OSRM / "milkrun.stamp"
    wanted = hashlib.sha256(OSRM_LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(OSRM, ignore_errors=True)
    # The wheel's module needs 3.12; its programs, all that is used here, do not.
    where = ("--target", OSRM, "--python-version", "3.12", "--only-binary", ":all:")
    _run(_uv(), "pip", "install", "--quiet", *where, "--require-hashes", "-r", OSRM_LOCK)
    stamp.write_text(wanted)


def _uv() -> Path | str:
    """Return uv: this folder's, else the PATH's, else installed by pip into .boot."""
    own = BOOT / "bin" / "uv"
    if own.exists():
        return own
    found = shutil.which("uv")
    if found:
        return found
    python = _python_with_pip()
    quiet = ("--quiet", "--disable-pip-version-check", "--no-warn-script-location")
    where = ("--target", BOOT, "--upgrade")
    _run(python, "-m", "pip", "install", *quiet, *where, f"uv=={UV_VERSION}")
    return own


def _python_with_pip() -> str:
    """Return an interpreter with pip: Debian's has none until python3-pip is there."""
    base = _base_python()
    for python in (sys.executable, base):
        if _has_pip(python):
            return python
    if _quiet(base, "-m", "ensurepip", "--user") == 0 and _has_pip(base):
        return base
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = () if root else ("sudo", "-n")
    if shutil.which("apt-get") and (root or shutil.which("sudo")):
        print("milkrun: this Python has no pip; installing python3-pip ...", flush=True)
        _call(*sudo, "apt-get", "update", "-qq")
        _call(*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-pip")
    if not _has_pip(base):
        raise SystemExit(_fail(f"{base} has no pip, and it could not be installed", _INSTALL_PIP))
    return base


_INSTALL_PIP = "install python3-pip (or uv), then run this again"


def _has_pip(python: str) -> bool:
    return _quiet(python, "-m", "pip", "--version") == 0


def _base_python() -> str:
    """Return the interpreter itself, if a virtual environment is active: that may go away."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / "bin" / name
    return str(base) if base.exists() else sys.executable


def _stamp(*, peers: bool = False) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in (ROOT / "dev.py", ROOT / "pyproject.toml", LOCK, *([BENCH_LOCK] if peers else [])):
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()}\n{ROOT}\n{'bench' if peers else ''}\n"


def _has_peers() -> bool:
    """Tell whether the peers of the bench were asked for before."""
    return STAMP.exists() and "bench" in STAMP.read_text().splitlines()[2:3]


def _moved() -> bool:
    """Tell whether the checkout was moved or copied: the commands in .venv name their folder."""
    return STAMP.exists() and STAMP.read_text().splitlines()[1:2] not in ([], [str(ROOT)])


def _python() -> Path:
    return VENV / "bin" / "python"


def _environment() -> dict[str, str]:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PYTHONUTF8": "1"}
    # A virtual environment that happens to be active is not the one meant here.
    environment.pop("VIRTUAL_ENV", None)
    # As pip on Debian does: a firm's own certificate authority is known to the system alone.
    if SYSTEM_CERTIFICATES.exists():
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    # What pip installs here goes into a folder of this checkout, whoever runs it.
    environment.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    return environment


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    subprocess.run(words, check=True, cwd=ROOT, env=_environment())


def _call(*command: object) -> int:
    words = [str(word) for word in command]
    return subprocess.run(words, check=False, cwd=ROOT, env=_environment()).returncode


def _quiet(*command: str) -> int:
    null = subprocess.DEVNULL
    return subprocess.run(command, check=False, stdout=null, stderr=null).returncode


def _fail(cause: str, action: str) -> int:
    print(f"milkrun: {cause}\n  do: {action}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
