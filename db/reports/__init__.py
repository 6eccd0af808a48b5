"""Portfolio, project, App Home and statistics."""
