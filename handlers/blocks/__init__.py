"""Messages and views as plain Block Kit data."""
