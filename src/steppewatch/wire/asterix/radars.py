"""What a radar's records (CAT 048, CAT 034) change in the state, and what is said of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import Sensor, SensorKind, detection_batch
from steppewatch.wire.asterix import plots, service
from steppewatch.wire.asterix.clock import sender_times
from steppewatch.wire.asterix.columns import ABSENT, Columns
from steppewatch.wire.asterix.feed import (
    Settings,
    Source,
    State,
    description,
    origin,
    unknown_radar,
)

Ints = NDArray[np.int64]
PERIODS = (0.5, 60.0)
# A new period is passed on when it differs by more than this share from the one told.
PERIOD_NEWS = 0.02
# Plots remembered of each radar, to know the copies that a second network brings.
REMEMBERED = 1_024
# A 3-D radar that nobody described [rad].
ASSUMED_SIGMA_ELEVATION = 0.005
ASSUMED_SIGMA_RANGE_RATE = 2.0


def hear_plots(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 048 records of one radar: a description if it is new, and its detections."""
    source, sensor, said = _radar(settings, state, key)
    times, clock_ns = sender_times(columns.code("140")[rows], received, source.clock_ns)
    source = replace(source, clock_ns=clock_ns, messages=source.messages + len(rows))
    fresh, source = _fresh(source, columns, rows)
    keep = fresh & plots.detected(columns)[rows]
    order = np.argsort(times[keep], kind="stable")
    chosen, moments = rows[keep][order], times[keep][order]
    source = replace(
        source,
        detections=source.detections + len(chosen),
        last_ns=max(source.last_ns, int(received.max())),
    )
    if len(chosen):
        measured = plots.measurements(columns, chosen, sensor.height)
        source = _turn(source, moments, np.asarray(measured["azimuth"], np.float64))
        described = _capable(_period(sensor, source.period), measured)
        said += [described] if described != sensor else []
        sensor = described
        batch = detection_batch(
            sensor.id,
            origin(settings, sensor.id),
            moments,
            **measured,  # type: ignore[arg-type]
        )
        said.append(batch)
    state.sources[key] = replace(source, sensor=sensor)
    return said


def hear_service(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 034 records of one radar: rotation, position, and what it complains of."""
    source, sensor, said = _radar(settings, state, key)
    ticks = columns.code("030")[rows]
    timed = ticks != ABSENT
    if timed.any():
        times, clock_ns = sender_times(ticks[timed], received[timed], source.clock_ns)
        source = replace(source, clock_ns=clock_ns)
        marks = columns.code("000")[rows[timed]] == service.NORTH_MARKER
        for north_ns in times[marks].tolist():
            source = _north(source, north_ns)
    told = columns.value("041")[rows]
    told = told[~np.isnan(told)]
    if len(told) and PERIODS[0] < told[-1] < PERIODS[1]:
        source = replace(source, period=float(told[-1]))
    described = _period(sensor, source.period)
    place = service.position(columns, rows)
    if place and description(settings, key) is None:
        lat, lon, height = place
        described = replace(described, lat=lat, lon=lon, height=height, position_assumed=False)
    state.sources[key] = replace(
        source,
        sensor=described,
        trouble=service.trouble(columns, rows, source.trouble),
        messages=source.messages + len(rows),
        last_ns=max(source.last_ns, int(received.max())),
    )
    return said + ([described] if described != sensor else [])


def _radar(settings: Settings, state: State, key: str) -> tuple[Source, Sensor, list[object]]:
    """Find a radar, or make it known: its description is said when it is new.

    A node that goes on with other settings than those under which it stopped believes the new
    ones: a person has corrected where the radar stands.
    """
    source = state.sources.get(key)
    if source is not None and source.sensor is not None:
        told, held = description(settings, key), source.sensor
        if told is None or _place(told) == _place(held):
            return source, held, []
        return replace(source, id=told.id, sensor=told), told, [told]
    sensor = unknown_radar(settings, key)
    return Source(id=sensor.id, sensor=sensor), sensor, [sensor]


def _place(sensor: Sensor) -> tuple[str, float, float, float]:
    return sensor.id, sensor.lat, sensor.lon, sensor.height


def _fresh(source: Source, columns: Columns, rows: Ints) -> tuple[NDArray[np.bool_], Source]:
    """Tell new reports from copies: radars send on two networks, and both may be heard.

    A copy agrees in time (1/128 s), range, azimuth and kind of report.
    """
    keys = columns.code("140")[rows] << 35
    keys |= np.maximum(columns.code("040/RHO")[rows], 0) << 19
    keys |= np.maximum(columns.code("040/THETA")[rows], 0) << 3
    keys |= columns.code("020/TYP")[rows]
    first = np.zeros(len(rows), np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    fresh = first & ~np.isin(keys, source.recent)
    recent = np.concatenate((source.recent, keys[fresh]))[-REMEMBERED:]
    copies = source.copies + int((~fresh).sum())
    return fresh, replace(source, recent=recent, copies=copies)


def _turn(source: Source, times: Ints, azimuth: NDArray[np.float64]) -> Source:
    """Follow the antenna by its plots: it passed north where the azimuth falls back."""
    before = np.concatenate(([source.azimuth], azimuth[:-1]))
    before_ns = np.concatenate(([source.azimuth_ns], times[:-1]))
    for k in np.flatnonzero(before - azimuth > np.pi).tolist():
        rest = 2.0 * np.pi - before[k]
        share = rest / max(rest + azimuth[k], 1e-9)
        source = _north(source, int(before_ns[k] + share * (times[k] - before_ns[k])))
    return replace(source, azimuth=float(azimuth[-1]), azimuth_ns=int(times[-1]))


def _north(source: Source, north_ns: int) -> Source:
    """Take one passage through north into the mean rotation period."""
    turn = (north_ns - source.north_ns) * 1e-9
    if turn < PERIODS[0]:
        # Copies, and plots out of order, let the antenna pass north twice.
        return source
    if source.north_ns == 0 or turn > PERIODS[1]:
        return replace(source, north_ns=north_ns)
    period = source.period
    if np.isnan(period) or abs(turn - period) > 0.5 * period:
        period = turn
    return replace(source, north_ns=north_ns, period=period + 0.1 * (turn - period))


def _period(sensor: Sensor, period: float) -> Sensor:
    """Describe the sensor anew when its rotation turns out to be another."""
    if np.isnan(period) or abs(period - sensor.scan_period) <= PERIOD_NEWS * sensor.scan_period:
        return sensor
    return replace(sensor, scan_period=period)


def _capable(sensor: Sensor, measured: dict[str, NDArray[np.generic]]) -> Sensor:
    """Describe a radar anew when it turns out to measure more than was assumed of it."""
    assumed = not sensor.site
    heights = ~np.isnan(np.asarray(measured["elevation"], np.float64))
    if assumed and np.isnan(sensor.sigma_elevation) and heights.any():
        sensor = replace(sensor, kind=SensorKind.RADAR_3D, sigma_elevation=ASSUMED_SIGMA_ELEVATION)
    rates = ~np.isnan(np.asarray(measured["range_rate"], np.float64))
    if assumed and np.isnan(sensor.sigma_range_rate) and rates.any():
        sensor = replace(sensor, sigma_range_rate=ASSUMED_SIGMA_RANGE_RATE)
    return sensor
