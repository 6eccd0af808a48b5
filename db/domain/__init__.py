"""Pure rules, dates and statuses; no database."""
