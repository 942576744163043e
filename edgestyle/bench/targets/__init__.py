"""Where exported files are measured, one target a file."""
