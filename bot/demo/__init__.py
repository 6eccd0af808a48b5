"""Demo on the Slack emulator."""
