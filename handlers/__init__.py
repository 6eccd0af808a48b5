"""The Slack surfaces: packages by subject; their listener modules have ``register(app, app_context)``."""
