"""Installation pages and uninstall events."""
