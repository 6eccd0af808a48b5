"""State of the emulated workspace."""
