"""Monitors call: how they are read, who may, and what comes of it."""
