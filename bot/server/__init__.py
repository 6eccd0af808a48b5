"""HTTP server, Socket Mode and health endpoints."""
