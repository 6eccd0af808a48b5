"""The running process: configuration, wiring, server, sender, scheduler, command line."""

__version__ = "0.2.0.dev0"
