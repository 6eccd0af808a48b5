"""Checks of the installation behind the `doctor` command."""
