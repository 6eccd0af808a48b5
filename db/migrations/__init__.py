"""The schema's history; ``db.migrate`` runs it."""
