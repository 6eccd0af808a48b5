"""Project queries and fields."""
