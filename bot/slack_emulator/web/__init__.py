"""Pages of the emulator."""
