"""The `/aid-alerts` command, alert messages and the delivery log."""
