"""Bill of materials (CycloneDX) of what a server installs, from requirements/run.lock: ``python -m tests.tools.sbom``."""

import json
import re
import sys
from pathlib import Path

from bot import __version__

LOCK = Path(__file__).parents[2] / "requirements" / "run.lock"
PACKAGE = re.compile(r"^([\w.-]+)==([\w.+!-]+)(.*?)(?=^\w|\Z)", re.MULTILINE | re.DOTALL)


def bill(lock: str) -> dict[str, object]:
    """Return the bill of a lock file, each package with the checksums of all its files."""
    packages = [
        {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", "hashes": hashes}
        for name, version, rest in PACKAGE.findall(lock)
        if (hashes := [{"alg": "SHA-256", "content": each} for each in re.findall(r"sha256:([0-9a-f]{64})", rest)])
    ]
    bot = {"type": "application", "name": "aid-status-bot", "version": __version__}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": bot},
        "components": packages,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(LOCK.read_text(encoding="utf-8")), indent=2) + "\n")
