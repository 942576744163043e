"""Independent checks: another reader of the same files, and another processor. Nothing is imported here."""
