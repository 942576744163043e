"""Measure exported files on devices."""
