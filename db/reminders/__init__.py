"""Reminder rules, schedule and delivery."""
