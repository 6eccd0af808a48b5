"""The installed package: built twice alike, and run from an empty folder, without the checkout."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.request import urlopen

import pytest

from bot import __version__
from tests.support.process import OURS, ROOT

pytest.importorskip("hatchling", reason="the package's build tool is not installed; make setup installs it")


def build(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.iterdir()
    return wheel


def test_wheel_is_reproducible_and_runs_from_an_empty_folder(tmp_path: Path) -> None:
    wheel = build(tmp_path / "first")
    assert build(tmp_path / "second").read_bytes() == wheel.read_bytes()

    venv, folder = tmp_path / "venv", tmp_path / "empty"
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    install = f"-m pip --python {venv} install --quiet --no-deps --no-index --no-compile {wheel}"
    subprocess.run([sys.executable, *install.split()], check=True)
    skipped = (*OURS, "PYTHON", "COVERAGE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(skipped)}
    aid_status = venv / "bin" / "aid-status"
    environment["PATH"] = f"{venv / 'bin'}{os.pathsep}{environment['PATH']}"

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        own = {**environment, **settings}
        return subprocess.run(
            [aid_status, *arguments], cwd=folder, env=own, capture_output=True, text=True, check=False
        )

    bare = run("demo")
    assert (bare.returncode, bare.stdout) == (1, "")
    assert "has no package" in bare.stderr
    assert "aid-status-bot[demo]" in bare.stderr

    packages = next((venv / "lib").glob("python*/site-packages"))
    others = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (packages / "others.pth").write_text(others, encoding="utf-8")
    assert run("--version").stdout == f"aid-status {__version__}\n"
    reading, writing = os.pipe()
    os.close(reading)  # as `| head` does, once it has enough
    unread = subprocess.run([aid_status, "seed"], cwd=folder, env=environment, stdout=writing, check=False)
    os.close(writing)
    assert unread.returncode == 0
    assert run("seed").stdout.startswith("0 projects")
    assert run("import", "known-exemptions.csv").stdout.startswith("54 projects")
    assert run("export", "모두.csv", "--language", "ko").returncode == 0
    assert "경기도" in (folder / "모두.csv").read_text(encoding="utf-8")
    assert run("fly").stderr.startswith("usage: aid-status")
    assert "Run `aid-status migrate` first." in run("check", DATABASE_URL="sqlite:///none.db").stderr
    command = [aid_status, "demo", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        address = demo.stdout.readline().split()[-1]
        page = urlopen(address, timeout=30).read().decode()
        demo.terminate()
        assert demo.wait(30) == 0
    assert "aid-status" in page
