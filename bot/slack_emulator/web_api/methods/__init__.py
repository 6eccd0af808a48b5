"""Web API methods, a module a family."""
