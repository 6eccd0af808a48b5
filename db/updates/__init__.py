"""Update history, redaction and the status cache."""
