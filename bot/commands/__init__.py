"""Import and export on the command line."""
