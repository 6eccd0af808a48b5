"""The running process: settings, wiring, serving, the sender of alerts, the command line."""
