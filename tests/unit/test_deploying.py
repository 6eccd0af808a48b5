"""Deployment files, lock files and the bill of materials agree with the code and with each other; nothing is built here."""

import re
from pathlib import Path

from tests.tools.sbom import bill

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_dockerfile_copies_code_and_drops_rights() -> None:
    lines = read("Dockerfile").splitlines()
    copied = [line for line in lines if line.startswith("COPY") and "--from" not in line]
    sources = {name for line in copied for name in line.split()[1:-1]}
    let_through = {line[1:] for line in read("Dockerfile.dockerignore").splitlines() if line.startswith("!")}

    assert {"bot", "handlers", "db", "requirements/run.lock", "requirements/build.lock"} <= sources
    assert {each.partition("/")[0] for each in sources} == let_through
    assert all((ROOT / each).exists() for each in sources)
    assert lines.index("USER 10001") < lines.index('ENTRYPOINT ["/opt/bot/bin/aid-status"]')
    assert "STOPSIGNAL SIGTERM" in lines


def test_supervisors_restart_and_allow_time_to_stop() -> None:
    unit, compose = read("aid-status.service"), read("compose.yaml")

    assert {"Restart=on-failure", "TimeoutStopSec=30", "NoNewPrivileges=yes"} <= set(unit.splitlines())
    for part in ("stop_grace_period: 30s", "read_only: true", "cap_drop: [ALL]"):
        assert part in compose
    assert compose.count("restart: unless-stopped") == 2
    commands = re.findall(r"/opt/aid-status/bin/aid-status (\w+)", unit + read("aid-status-backup.service"))
    assert commands == ["run", "backup"]


def test_locks_pin_by_checksum_and_contain_each_other() -> None:
    locks = {name: (ROOT / "requirements" / f"{name}.lock").read_text() for name in ("build", "run", "demo", "dev")}
    pins = {name: set(re.findall(r"^[\w.-]+==\S+", lock, re.MULTILINE)) for name, lock in locks.items()}

    assert pins["run"] < pins["demo"] < pins["dev"] > pins["build"]
    assert not [name for name, lock in locks.items() if "://" in lock]
    build_tool = re.findall(r'^requires = \["(\S+)"\]', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert set(build_tool) < pins["build"]
    components = bill(locks["run"])["components"]
    assert {f"{each['name']}=={each['version']}" for each in components} == pins["run"]
