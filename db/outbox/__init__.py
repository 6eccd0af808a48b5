"""Deliveries: claim, settle, notices and log."""
