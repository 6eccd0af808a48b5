"""The `/aid-update` command, form and shortcut."""
