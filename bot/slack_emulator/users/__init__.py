"""Simulated users and what they do."""
