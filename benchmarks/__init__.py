"""Suites run from a checkout; their results are the numbers in the README."""
