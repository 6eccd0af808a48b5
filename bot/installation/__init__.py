"""Manifest, workspaces, OAuth and stored tokens."""
