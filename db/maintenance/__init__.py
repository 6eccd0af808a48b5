"""Migration, seed, backup and JSON snapshot."""
