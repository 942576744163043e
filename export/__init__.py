"""Recipes run from a checkout, one a platform, that fill the demo apps with models and what belongs to them."""
