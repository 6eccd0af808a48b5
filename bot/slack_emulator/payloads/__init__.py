"""Events and interaction payloads."""
