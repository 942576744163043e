"""Exporters: a pack's networks as files for phones, each proven to draw the same picture."""
