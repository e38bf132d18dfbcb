"""Outputs, and those at the other end."""
