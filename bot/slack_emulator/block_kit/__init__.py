"""Block Kit validation and form state."""
