"""The air: how it bends rays, what it takes from them, and what falls through it."""

from steppewatch.world.atmosphere.gas import gas_loss_db, specific_attenuation
from steppewatch.world.atmosphere.rain import cloud_loss_db, rain_coefficients, rain_loss_db
from steppewatch.world.atmosphere.refraction import RayTable, earth_radius, ray_table
from steppewatch.world.atmosphere.site import (
    SEASONS,
    Atmosphere,
    effective_k,
    refractivity,
    site_atmosphere,
    standard_atmosphere,
    surface_gradient,
)

__all__ = [
    "SEASONS",
    "Atmosphere",
    "RayTable",
    "cloud_loss_db",
    "earth_radius",
    "effective_k",
    "gas_loss_db",
    "rain_coefficients",
    "rain_loss_db",
    "ray_table",
    "refractivity",
    "site_atmosphere",
    "specific_attenuation",
    "standard_atmosphere",
    "surface_gradient",
]
