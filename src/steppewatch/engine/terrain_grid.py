"""Elevation files on one grid as one terrain: sampled across their seams, in bounded memory."""

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise, product

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.engine.terrain_files import ElevationFile, read
from steppewatch.world.geodesy import Array
from steppewatch.world.kernels import TILE
from steppewatch.world.terrain import Heights, Terrain, TerrainInfo
from steppewatch.world.tiles import TilePool

SAME = 0.01  # pixels by which grids may differ and still be one


class FileTerrain(Terrain):
    """Serve files that share projection, spacing and alignment.

    Args:
        files: One or more, as :func:`group` puts them together.
        number: Tells the tiles of this grid apart in the shared pool.
        pool: Where tiles are kept.
        title: What people call the product; the format's name when empty.
        holes: Share of unknown samples, when it was counted.
    """

    def __init__(
        self,
        files: Sequence[ElevationFile],
        *,
        number: int = 1,
        pool: TilePool | None = None,
        title: str = "",
        holes: float = math.nan,
    ) -> None:
        self._files, self._number, self._holes = tuple(files), number, holes
        self._pool = TilePool() if pool is None else pool
        self._title = title
        first = self._files[0]
        offsets = [_offset(first, file) for file in self._files]
        top, left = min(row for row, _ in offsets), min(col for _, col in offsets)
        self._offsets = [(row - top, col - left) for row, col in offsets]
        self._shape = (
            max(r + f.height for (r, _), f in zip(self._offsets, files, strict=True)),
            max(c + f.width for (_, c), f in zip(self._offsets, files, strict=True)),
        )
        self._origin = (top, left)
        a, b, c, d, e, f = first.transform
        self._inverse = np.linalg.inv(np.array([[a, b, c], [d, e, f], [0.0, 0.0, 1.0]]))
        self._geographic = first.crs.startswith(("GEOGCRS", "GEOGCS"))

    def heights(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Interpolate bilinearly between the files' own samples; in the outer half pixel, hold."""
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        row, col = self._pixels(lat.ravel(), lon.ravel())
        return self._sample(row, col, 0).reshape(lat.shape)

    def grid(self, lat: ArrayLike, lon: ArrayLike) -> Heights:
        """Evaluate on a grid, from averages of 2, 4, 8, … samples when it is that much coarser."""
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        across = np.broadcast_to(lon, (lat.size, lon.size))
        down = np.broadcast_to(lat[:, None], across.shape)
        row, col = self._pixels(down.ravel(), across.ravel())
        row, col = row.reshape(across.shape), col.reshape(across.shape)
        steps = [
            np.nanmedian(np.hypot(np.diff(row, axis=axis), np.diff(col, axis=axis)))
            for axis in (0, 1)
            if across.shape[axis] > 1 and across.size
        ]
        finite = [step for step in steps if np.isfinite(step) and step >= 2.0]
        coarse = len(finite) == len(steps) and bool(finite)
        level = int(math.log2(min(finite)) + 0.01) if coarse else 0
        level = min(level, max(0, int(math.log2(max(self._shape)))))
        return (
            self._sample(row.ravel(), col.ravel(), level).reshape(across.shape).astype(np.float32)
        )

    def describe(self) -> TerrainInfo:
        """Say what the files are."""
        first = self._files[0]
        bounds = np.array([file.bounds for file in self._files])
        arcsec = math.degrees(first.resolution) * 3600.0
        datums = sorted({file.datum for file in self._files})
        many = f", {len(self._files)} files" if len(self._files) > 1 else ""
        label = f"{self._title or KIND.get(first.kind, first.kind)} {arcsec:.3g}″{many}"
        unknown = ("vertical datum unknown: heights may be off by tens of metres",)
        return TerrainInfo(
            label=label,
            synthetic=False,
            datum=datums[0] if len(datums) == 1 else "mixed",
            resolution=first.resolution,
            south=float(bounds[:, 0].min()),
            west=float(bounds[:, 1].min()),
            north=float(bounds[:, 2].max()),
            east=float(bounds[:, 3].max()),
            source=", ".join(file.path.rsplit("/", 1)[-1] for file in self._files[:3]) + many,
            holes=self._holes,
            notes=unknown if "unknown" in datums else (),
        )

    @property
    def upright(self) -> bool:
        """Say whether rows run along parallels, so that the files fill their bounds."""
        return self._geographic

    def _pixels(self, lat: Array, lon: Array) -> tuple[Array, Array]:
        """Find row and column (sample centres at whole numbers); NaN outside the files."""
        if self._geographic:
            west, east = self._files[0].bounds[1], self._files[0].bounds[3]
            middle = 0.5 * (west + east)
            lon = np.mod(lon - middle + math.pi, 2.0 * math.pi) - math.pi + middle
            x, y = np.degrees(lon), np.degrees(lat)
        else:
            from pyproj import Transformer  # noqa: PLC0415 (slow to import)

            wgs84 = "EPSG:4326"
            projection = Transformer.from_crs(wgs84, self._files[0].crs, always_xy=True)
            x, y = projection.transform(np.degrees(lon), np.degrees(lat))
        inverse = self._inverse
        col = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] - self._origin[1] - 0.5
        row = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] - self._origin[0] - 0.5
        rows, cols = self._shape
        with np.errstate(invalid="ignore"):
            edge = 0.5 + 1e-6
            inside = (row >= -edge) & (row <= rows - 1 + edge)
            inside &= (col >= -edge) & (col <= cols - 1 + edge)
        row = np.where(inside, np.clip(row, 0.0, rows - 1.0), np.nan)
        return row, np.where(inside, np.clip(col, 0.0, cols - 1.0), np.nan)

    def _sample(self, row: Array, col: Array, level: int) -> Array:
        if level:
            scale = 2.0**level
            rows, cols = (math.ceil(size / scale) for size in self._shape)
            row = np.clip((row + 0.5) / scale - 0.5, 0.0, rows - 1.0)
            col = np.clip((col + 0.5) / scale - 0.5, 0.0, cols - 1.0)
        out = np.full(row.shape, np.nan)
        self._pool.sample((self._number, level), row, col, out, partial(self._make_tile, level))
        return out

    def _make_tile(self, level: int, tile_row: int, tile_col: int) -> Heights:
        """Put together one tile from the files that it touches; the first listed file wins."""
        tile = np.full((TILE + 1, TILE + 1), np.nan, np.float32)
        scale = 2**level
        for file, (top, left) in zip(self._files, self._offsets, strict=True):
            down = _segments(tile_row, top, file.height, scale)
            right = _segments(tile_col, left, file.width, scale)
            for (row, rows, src_row, src_rows), (col, cols, src_col, src_cols) in product(
                down, right
            ):
                part = tile[row : row + rows, col : col + cols]
                if np.isnan(part).any():
                    found = read(file, (src_row, src_col, src_rows, src_cols), (rows, cols))
                    np.copyto(part, found, where=np.isnan(part))
        return tile


KIND = {"SRTMHGT": "SRTM", "DTED": "DTED", "GTiff": "GeoTIFF"}


def group(files: Sequence[ElevationFile]) -> list[list[ElevationFile]]:
    """Put files together that share a grid, so that samples can be interpolated across seams."""
    groups: list[list[ElevationFile]] = []
    for file in files:
        for members in groups:
            if _aligned(members[0], file):
                members.append(file)
                break
        else:
            groups.append([file])
    return groups


def _aligned(one: ElevationFile, other: ElevationFile) -> bool:
    if one.crs != other.crs:
        return False
    extent = max(one.width, one.height, other.width, other.height)
    pixel = max(abs(v) for v in (one.transform[0], one.transform[1]))
    for k in (0, 1, 3, 4):
        if abs(one.transform[k] - other.transform[k]) * extent > SAME * pixel:
            return False
    row, col = _exact_offset(one, other)
    return abs(row - round(row)) < SAME and abs(col - round(col)) < SAME


def _offset(one: ElevationFile, other: ElevationFile) -> tuple[int, int]:
    row, col = _exact_offset(one, other)
    return round(row), round(col)


def _exact_offset(one: ElevationFile, other: ElevationFile) -> tuple[float, float]:
    """Give the row and column of another file's corner in the first file's pixels."""
    a, b, c, d, e, f = one.transform
    x, y = other.transform[2] - c, other.transform[5] - f
    determinant = a * e - b * d
    return (a * y - d * x) / determinant, (e * x - b * y) / determinant


def _segments(tile: int, offset: int, size: int, scale: int) -> list[tuple[int, int, int, int]]:
    """Find where a tile meets a file on one axis, whole cells apart from those at the file's ends.

    A cell is the average of ``scale`` samples. Were a half-filled one read together with whole
    ones, all would be squeezed and none lie where it should.

    Returns:
        For each run of cells: first cell of the tile, cells, first sample of the file, samples.
    """
    base = tile * TILE
    start, stop = max(offset, base * scale), min(offset + size, (base + TILE + 1) * scale)
    cuts = {start, stop, -(-start // scale) * scale, stop // scale * scale}
    inside = sorted(cut for cut in cuts if start <= cut <= stop)
    return [
        (one // scale - base, max(1, (other - one) // scale), one - offset, other - one)
        for one, other in pairwise(inside)
    ]
