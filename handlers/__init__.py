"""What people do and see in Slack: one module a surface, each with ``register(app, app_context)``."""
