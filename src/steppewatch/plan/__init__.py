"""Where to stand, and what would happen: rehearsal of a scenario through the sensor models."""
