"""What stations that report positions (CAT 021, CAT 010) change, and what is said of them."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import Sensor, SensorKind, detection_batch, position_reports
from steppewatch.wire.asterix import adsb, surface
from steppewatch.wire.asterix.clock import sender_times
from steppewatch.wire.asterix.columns import Columns
from steppewatch.wire.asterix.feed import (
    Settings,
    Source,
    State,
    description,
    origin,
    unknown_radar,
)

Ints = NDArray[np.int64]
ASSUMED_PERIOD = 1.0
ADSB_REACH = 450_000.0
SURFACE_REACH = 5_000.0
SURFACE_SIGMA_RANGE, SURFACE_SIGMA_AZIMUTH = 5.0, math.radians(0.15)
PERIODS = (0.25, 30.0)


def hear_adsb(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 021 records of one station: a description if it is new, and its reports."""
    source, sensor, said = _station(settings, state, key, "adsb", SensorKind.REPORTS)
    times, clock_ns = sender_times(adsb.ticks(columns)[rows], received, source.clock_ns)
    told = adsb.period(columns, rows)
    if PERIODS[0] <= told <= PERIODS[1] and told != sensor.scan_period:
        sensor = replace(sensor, scan_period=told)
        said = [sensor]
    keep = adsb.usable(columns)[rows]
    _count(state, f"adsb-{key}", source, sensor, clock_ns, keep, received)
    if keep.any():
        order = np.argsort(times[keep], kind="stable")
        measured = adsb.measurements(columns, rows[keep][order])
        whose = origin(settings, sensor.id)
        said.append(position_reports(sensor.id, whose, times[keep][order], **measured))
    return said


def hear_surface(
    settings: Settings, state: State, key: str, columns: Columns, rows: Ints, received: Ints
) -> list[object]:
    """Take CAT 010 records of one station: plots of a radar, or places by multilateration."""
    plotted, placed = surface.plotted(columns)[rows], surface.placed(columns)[rows]
    known = state.sources.get(f"surface-{key}")
    kind = SensorKind.REPORTS if placed.any() else SensorKind.GROUND_RADAR
    if known is not None and known.sensor is not None:
        kind = known.sensor.kind
    elif not (plotted.any() or placed.any()):
        return _service(state, key, rows, received)
    source, sensor, said = _station(settings, state, key, "surface", kind)
    times, clock_ns = sender_times(columns.code("140")[rows], received, source.clock_ns)
    keep = placed if sensor.kind == SensorKind.REPORTS else plotted
    _count(state, f"surface-{key}", source, sensor, clock_ns, keep, received)
    if not keep.any():
        return said
    order = np.argsort(times[keep], kind="stable")
    chosen, when, whose = rows[keep][order], times[keep][order], origin(settings, sensor.id)
    if sensor.kind == SensorKind.REPORTS:
        measured = surface.places(columns, chosen, sensor)
        said.append(position_reports(sensor.id, whose, when, **measured))
    else:
        found = surface.plots(columns, chosen)
        said.append(detection_batch(sensor.id, whose, when, **found))  # type: ignore[arg-type]
    return said


def _service(state: State, key: str, rows: Ints, received: Ints) -> list[object]:
    """Count what a station says before its first report: that it is there."""
    name = f"surface-{key}"
    source = state.sources.get(name, Source(id=name.replace("/", "-")))
    state.sources[name] = replace(
        source,
        messages=source.messages + len(rows),
        last_ns=max(source.last_ns, int(received.max())),
    )
    return []


def _station(
    settings: Settings, state: State, key: str, prefix: str, kind: SensorKind
) -> tuple[Source, Sensor, list[object]]:
    """Find a station, or make it known: its description is said when it is new."""
    name = f"{prefix}-{key}"
    source = state.sources.get(name, Source(id=name.replace("/", "-")))
    if source.sensor is not None:
        return source, source.sensor, []
    told = description(settings, key)
    sensor = told or _unknown(settings, key, name.replace("/", "-"), kind)
    return replace(source, id=sensor.id, sensor=sensor), sensor, [sensor]


def _unknown(settings: Settings, key: str, name: str, kind: SensorKind) -> Sensor:
    """Describe a station of which only its address is known."""
    radar = kind == SensorKind.GROUND_RADAR
    wide = ADSB_REACH if name.startswith("adsb") else SURFACE_REACH
    return replace(
        unknown_radar(settings, key),
        id=name,
        name=f"{'Surface radar' if radar else 'Position reports'} {key}",
        kind=kind,
        min_range=0.0,
        max_range=wide,
        scan_period=ASSUMED_PERIOD,
        sigma_range=SURFACE_SIGMA_RANGE if radar else math.nan,
        sigma_azimuth=SURFACE_SIGMA_AZIMUTH if radar else math.nan,
        detection_probability=0.9,
        false_alarms=5.0 if radar else 0.05,
        origin=origin(settings, name),
    )


def _count(
    state: State,
    name: str,
    source: Source,
    sensor: Sensor,
    clock_ns: int,
    keep: NDArray[np.bool_],
    received: Ints,
) -> None:
    """Write down what came of a station."""
    state.sources[name] = replace(
        source,
        sensor=sensor,
        clock_ns=clock_ns,
        messages=source.messages + len(keep),
        detections=source.detections + int(keep.sum()),
        last_ns=max(source.last_ns, int(received.max())),
    )
