"""Checks that rebuild the record and look for damage."""
