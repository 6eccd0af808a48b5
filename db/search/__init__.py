"""Filters and the search index."""
