"""What becomes of a wave between two places: over edges, round the earth, off the ground."""
