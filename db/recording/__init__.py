"""Recording of updates in one transaction."""
