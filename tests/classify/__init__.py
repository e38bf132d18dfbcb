"""Tests of `classify`."""
