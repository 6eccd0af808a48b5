"""The running process: configuration, wiring, server, sender, scheduler, command line."""
