"""Web API of the emulator."""
