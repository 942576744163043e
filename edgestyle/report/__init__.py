"""What exported files are worth: size, closeness, speed here, and what accelerators would not take."""
