"""The `/aid-status` command, mentions and project cards."""
