"""Slack payloads, text, client and files."""
