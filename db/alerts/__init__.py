"""Alerts of an update: content, preview and resend."""
