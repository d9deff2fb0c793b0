"""What sensors cover together: maps, networks, and the stretches that stay dark."""
