"""The bootstrap, as far as it can be tried without setting anything up."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import dev

OWN, BASE = "/somewhere/.venv/bin/python", "/usr/bin/python3"


class Machine:
    """Answers what is asked of interpreters, and notes what was asked."""

    def __init__(self, *with_pip: str, ensurepip: bool = False) -> None:
        self.with_pip = set(with_pip)
        self.ensurepip = ensurepip
        self.asked: list[tuple[str, ...]] = []

    def quiet(self, *command: str) -> int:
        self.asked.append(command)
        if "ensurepip" in command:
            self.with_pip |= {command[0]} if self.ensurepip else set()
            return 0 if self.ensurepip else 1
        return 0 if command[0] in self.with_pip else 1


def asked_for_pip(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(dev, "_quiet", machine.quiet)
    monkeypatch.setattr(dev, "_base_python", lambda: BASE)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "executable", OWN)
    return dev._python_with_pip()


@pytest.mark.parametrize(
    ("machine", "python"),
    [
        (Machine(OWN, BASE), OWN),
        (Machine(BASE), BASE),
        (Machine(ensurepip=True), BASE),
    ],
)
def test_pip_is_found_wherever_it_is(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, python: str
) -> None:
    assert asked_for_pip(machine, monkeypatch) == python


def test_no_pip_at_all_ends_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        asked_for_pip(Machine(), monkeypatch)
    assert ended.value.code == 1
    assert "do: install python3-pip" in capsys.readouterr().err


def test_the_environment_is_made_of_the_interpreter_itself() -> None:
    base = Path(dev._base_python())
    assert base.exists()
    assert not base.is_relative_to(dev.VENV)


def test_an_active_environment_is_not_the_one_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/.venv")
    assert "VIRTUAL_ENV" not in dev._environment()


def test_the_systems_certificates_are_trusted_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    monkeypatch.setattr(dev, "SYSTEM_CERTIFICATES", tmp_path / "none")
    assert "UV_SYSTEM_CERTS" not in dev._environment()
    monkeypatch.setattr(dev, "SYSTEM_CERTIFICATES", tmp_path)
    assert dev._environment()["UV_SYSTEM_CERTS"] == "1"


def test_a_word_that_is_no_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["fly"]) == 2
    assert "python3 dev.py setup" in capsys.readouterr().out


def test_peers_of_the_bench_are_set_up_when_asked_for_and_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    monkeypatch.setattr(dev, "VENV", tmp_path)
    monkeypatch.setattr(dev, "STAMP", tmp_path / "milkrun.stamp")
    monkeypatch.setattr(dev, "_uv", lambda: "uv")
    synced: list[bool] = []

    def run(*words: object) -> None:
        if "sync" in words:
            synced.append(dev.BENCH_LOCK in words)

    monkeypatch.setattr(dev, "_run", run)
    dev.setup([])
    dev.setup(["--bench"])
    dev.setup([])
    assert synced == [False, True]
    (tmp_path / "milkrun.stamp").write_text(f"older requirements\n{dev.ROOT}\nbench\n")
    dev.setup([])
    assert synced == [False, True, True]


def test_a_checkout_that_was_moved_gets_a_new_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    monkeypatch.setattr(dev, "VENV", tmp_path)
    monkeypatch.setattr(dev, "STAMP", tmp_path / "milkrun.stamp")
    monkeypatch.setattr(dev, "_uv", lambda: "uv")
    asked: list[str] = []

    def run(*words: str) -> None:
        asked.append(words[1])
        tmp_path.mkdir(exist_ok=True)

    monkeypatch.setattr(dev, "_run", run)
    (tmp_path / "milkrun.stamp").write_text(dev._stamp())
    dev.setup([])
    assert asked == []
    (tmp_path / "milkrun.stamp").write_text("older requirements\n" + str(dev.ROOT) + "\n")
    dev.setup([])
    assert asked == ["pip", "pip", "-m"]
    (tmp_path / "milkrun.stamp").write_text(dev._stamp().replace(str(dev.ROOT), "/elsewhere"))
    (tmp_path / "kept").touch()
    dev.setup([])
    assert asked[3:] == ["venv", "pip", "pip", "-m"]
    assert not (tmp_path / "kept").exists()
