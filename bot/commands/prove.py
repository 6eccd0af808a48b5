"""``check --prove``: rebuild the chain, and compare it with the heads kept in a file."""

from collections.abc import Callable
from pathlib import Path

from db.chain import START
from db.database import Database
from db.integrity.proof import parse_heads, prove


def prove_from_command_line(database: Database, file: Path, *, say: Callable[..., None]) -> bool:
    """Prove the record and return True if nothing was found; then add its head to ``file``, if that names one.

    Raises BadInput for a file that holds anything else, OSError where it cannot be read or written.
    """
    kept = parse_heads(file.read_text(encoding="utf-8")) if file.is_file() else []
    with database.reading() as session:
        proof = prove(session, kept)
    if proof.findings:
        say(*proof.findings)
        return False
    say(f"The chain of {proof.head.number} links was rebuilt and agrees, as do {proof.agreed} heads kept before.")
    if proof.head != START:
        say(f"Head: {proof.head}")
    if file != Path() and proof.head not in {START, *kept}:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"{proof.head}\n")
        say(f"Added to {file}. Keep that file where nobody who can change the database can change it.")
    return True
