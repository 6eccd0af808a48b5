"""Permissions and who somebody is in the workspace."""
