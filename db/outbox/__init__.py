"""Deliveries: claim, settle, failure notices and log."""
