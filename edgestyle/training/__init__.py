"""Training: photos in, a pack's weights out."""
