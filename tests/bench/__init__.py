"""Benchmarks: what they print is measured on the machine they run on, never asserted."""
