"""Measure in a browser: what the target of that name runs, in a process of its own."""
