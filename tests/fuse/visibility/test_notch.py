"""A target that moves across the line of sight is hidden by the Doppler notch, and not lost."""

import dataclasses
import math

import numpy as np

from steppewatch import fuse
from steppewatch.records import Origin, Sensor, SensorKind, TrackStatus, detection_batch
from steppewatch.world.geodesy import spherical_from_enu

START_NS, PERIOD = 1_700_000_000_000_000_000, 5.0
ORIGIN = Origin(feed="test")
RADAR = Sensor(
    id="r", name="r", site="s", kind=SensorKind.RADAR_3D, lat=0.82, lon=1.85, height=1_500.0,
    min_range=0.0, max_range=40e3, scan_period=PERIOD, sector_start=0.0,
    sector_width=2.0 * math.pi, sigma_range=30.0, sigma_azimuth=2e-3, sigma_elevation=3e-3,
    sigma_range_rate=0.8, detection_probability=0.95, false_alarms=3.0, blind_speed=4.0,
    origin=ORIGIN,
)  # fmt: skip
SPEED, NEAREST = 30.0, 16e3


def fly(sensor, seed, scans=90):
    """Fly past, seen by Swerling's law; give ids and flags by scan."""
    rng, said = np.random.default_rng(seed), []
    stage = fuse.stage()
    state, _ = stage.step(stage.initial, [sensor], START_NS)
    for k in range(scans):
        along = SPEED * PERIOD * (k - scans / 2)
        place = np.array([[along, NEAREST, 500.0]])
        r, az, el = spherical_from_enu(place)
        rate = SPEED * along / r
        # A Swerling 1 echo, and what the notch leaves of its power.
        clear = math.log(1e-6) / math.log(RADAR.detection_probability) - 1.0
        left = clear * (1.0 - 2.0 ** -((rate / RADAR.blind_speed) ** 2))
        seen = rng.random(1) < 1e-6 ** (1.0 / (1.0 + left))
        now_ns = START_NS + round(k * PERIOD * 1e9)
        batch = detection_batch(
            "r", ORIGIN, np.full(int(seen.sum()), now_ns),
            (r + rng.normal(0.0, 30.0, 1))[seen],
            np.mod(az + rng.normal(0.0, 2e-3, 1), math.tau)[seen],
            elevation=(el + rng.normal(0.0, 3e-3, 1))[seen],
            range_rate=(rate + rng.normal(0.0, 0.8, 1))[seen],
        )  # fmt: skip
        state, _ = stage.step(state, [batch], now_ns)
        picture = fuse.tracks_at(state, now_ns)
        sure = picture.status != TrackStatus.TENTATIVE
        said.append((abs(float(rate[0])), picture.id[sure].tolist(), picture.hidden[sure].tolist()))
    return said


def kept(said):
    """Tell whether the one track of scan 15 is the one at the end."""
    return len(said[15][1]) == 1 and said[-1][1] == said[15][1]


def test_a_pass_through_the_notch_keeps_its_track_and_is_flagged_hidden_there():
    runs = [fly(RADAR, seed) for seed in range(8)]
    assert sum(kept(said) for said in runs) >= 7
    flagged = [any(f for rate, _, flags in said if rate < 1.5 for f in flags) for said in runs]
    clear = [flag for said in runs for rate, ids, flags in said if rate > 6.0 for flag in flags]
    assert np.mean(flagged) > 0.5
    assert not any(clear)


def test_of_a_radar_whose_notch_nobody_told_the_track_is_lost():
    deaf = dataclasses.replace(RADAR, blind_speed=math.nan)
    assert sum(kept(fly(deaf, seed)) for seed in range(8)) <= 2
