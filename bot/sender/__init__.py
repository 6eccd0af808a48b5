"""Dispatcher and workers that deliver the outbox to Slack."""
