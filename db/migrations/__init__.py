"""The schema's history; ``db.maintenance.migrate`` runs it."""
