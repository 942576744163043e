"""What good means, each measure defined once."""
