"""What a sensor would see: detection probability, measurement error, field of view."""
