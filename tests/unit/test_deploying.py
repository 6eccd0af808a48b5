"""Deployment files agree with the code; nothing is built here."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def test_dockerfile_copies_code_and_drops_rights() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()

    sources = [line.split()[-2] for line in lines if line.startswith("COPY") and "--from" not in line]
    assert set(sources) == {"bot", "handlers", "db", "requirements/run.lock"}
    assert all((ROOT / each).exists() for each in sources)
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < lines.index('ENTRYPOINT ["/opt/bot/bin/python", "-m", "bot"]')
    assert "STOPSIGNAL SIGTERM" in lines


def test_supervisors_restart_and_allow_time_to_stop() -> None:
    unit = (DEPLOY / "aid-status.service").read_text(encoding="utf-8")
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")

    assert {"Restart=on-failure", "TimeoutStopSec=30", "NoNewPrivileges=yes"} <= set(unit.splitlines())
    for part in ("restart: on-failure", "stop_grace_period: 30s", "read_only: true", "cap_drop: [ALL]"):
        assert part in compose
