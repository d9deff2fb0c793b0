"""Frames: what changed in the picture since a screen last looked, as bytes.

Screens that keep pace and look at the same place want the same bytes: a frame is encoded once
for each wish and handed out until the picture moves on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.command.picture import Picture
from steppewatch.command.plots import Plots
from steppewatch.command.tracks import Rows
from steppewatch.records import TrackStatus, encode
from steppewatch.web.hub import Hub
from steppewatch.web.objects import (
    Object,
    alert_object,
    sensor_object,
    site_object,
    status_object,
    track_columns,
)

View = tuple[float, float, float, float]

EVERYTHING = -1


@dataclass(frozen=True, slots=True)
class Wish:
    """Say what a screen needs next; equal wishes get the same bytes.

    Attributes:
        since: Picture version that the screen has; −1 for none, which asks for a keyframe.
        plots_since: Version up to which it has the plots; −1 for none.
        view: West, south, east, north [deg]; None for the whole world.
        moved: True when the view changed, so that tentative tracks in it must be sent again.
    """

    since: int = EVERYTHING
    plots_since: int = EVERYTHING
    view: View | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold one encoded frame and the picture's version that it brings a screen to."""

    data: bytes
    version: int


class Framer:
    """Cut frames from the picture for as long as the server runs.

    Args:
        hub: Where the picture is.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sequence = 0
        self._cache: dict[Wish, Frame] = {}

    def tell(self, on_news: Callable[[], None] | None) -> None:
        """Call ``on_news`` whenever the node has published, in the node's thread."""
        self._hub.tell(on_news)

    def advance(self) -> None:
        """Begin the next round of frames: what was encoded for the last one is out of date."""
        self._sequence += 1
        self._cache.clear()

    def places_version(self) -> int:
        """Give the version at which sites or sensors last changed."""
        with self._hub.picture() as picture:
            return picture.places_version

    def cut(self, wish: Wish) -> Frame:
        """Give the frame that fulfils a wish."""
        frame = self._cache.get(wish)
        if frame is None:
            with self._hub.picture() as picture:
                version = picture.version
                content = self._content(picture, wish)
            frame = self._cache[wish] = Frame(encode(content), version)
        return frame

    def hello(self) -> tuple[bytes, int]:
        """Greet a screen: all that seldom changes; and the places' version that it brings."""
        with self._hub.picture() as picture:
            content = {
                "_": "hello/1",
                "info": self._hub.describe(),
                "sites": [site_object(s) for s in picture.sites.values()],
                "sensors": [sensor_object(s) for s in picture.sensors.values()],
                "border": self._hub.border,
                "alerts": [alert_object(a) for a in picture.alerts.values() if not a.closed_ns],
                "tails": _tails(picture),
            }
            version = picture.places_version
        return encode(content), version

    def _content(self, picture: Picture, wish: Wish) -> Object:
        gone = picture.tracks.gone_since(wish.since)
        since = EVERYTHING if gone is None else wish.since
        keyframe = since == EVERYTHING
        rows = picture.tracks.changed_since(since)
        if wish.view is not None:
            rows = _seen(picture, rows, wish.view, moved=wish.moved)
        return {
            "_": "frame/1",
            "sequence": self._sequence,
            "now_ns": picture.now_ns,
            "keyframe": keyframe,
            "tracks": track_columns(picture.tracks, rows, picture.now_ns),
            "gone": np.empty(0, np.uint32) if keyframe else gone,
            "plots": _plot_columns(
                picture.plots.since(wish.plots_since), wish.view, picture.now_ns
            ),
            "alerts": [alert_object(a) for a in picture.alerts_since(since)],
            "status": [status_object(s) for s in picture.status_since(since)],
            "node": self._hub.node(),
        }


def _inside(lat: NDArray[Any], lon: NDArray[Any], view: View) -> NDArray[np.bool_]:
    """Tell which points [rad] are in a view [deg]; a view may span the date line."""
    west, south, east, north = np.radians(view)
    turn = 2.0 * np.pi
    across = np.mod(lon - west, turn) <= max(0.0, min(east - west, turn))
    inside: NDArray[np.bool_] = (lat >= south) & (lat <= north) & across
    return inside


def _seen(picture: Picture, rows: Rows, view: View, *, moved: bool) -> Rows:
    """Leave out tentative tracks outside the view; after a move, name all inside it."""
    table = picture.tracks
    if moved:
        everyone = table.changed_since(EVERYTHING)
        tentative = table.column("status")[everyone] == np.uint8(TrackStatus.TENTATIVE)
        rows = np.union1d(rows, everyone[tentative])
    keep = (table.column("status")[rows] != np.uint8(TrackStatus.TENTATIVE)) | _inside(
        table.column("lat")[rows], table.column("lon")[rows], view
    )
    kept: Rows = rows[keep]
    return kept


def _plot_columns(plots: Plots, view: View | None, now_ns: int) -> dict[str, NDArray[Any]]:
    keep = slice(None) if view is None else _inside(plots.lat, plots.lon, view)
    return {
        "lat": np.degrees(plots.lat[keep]),
        "lon": np.degrees(plots.lon[keep]),
        "height": plots.height[keep],
        "kind": plots.kind[keep],
        "sensor": plots.sensor[keep],
        "age": ((now_ns - plots.time_ns[keep]) / 1e9).astype(np.float32),
    }


def _tails(picture: Picture) -> dict[str, NDArray[Any]]:
    table = picture.tracks
    rows = table.changed_since(EVERYTHING)
    which, time_ns, place = table.tail(rows)
    return {
        "key": table.column("key")[rows][which],
        "lat": np.degrees(place[:, 0]),
        "lon": np.degrees(place[:, 1]),
        "age": ((picture.now_ns - time_ns) / 1e9).astype(np.float32),
    }
