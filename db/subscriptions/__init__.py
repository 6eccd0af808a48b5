"""Subscriptions, recipients and digests."""
