"""The record of exemption requests and its rules. Knows no Slack; usable alone from a script."""
