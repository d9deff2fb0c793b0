"""Make ``src/steppewatch/world/data/border.geojson`` from Natural Earth's 1:10 m countries.

Run it with ``python scripts/make_border.py``; it needs ``npm`` on the path and fetches the package
``world-atlas`` (Natural Earth, public domain, as TopoJSON). In a topology two neighbours share
the arcs of their common border, so each segment is what the two countries' arcs have in common,
chained end to end and turned to run from west to east.
"""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "world-atlas@2.0.2"
MONGOLIA = "496"
NEIGHBOURS = {"RU": "643", "CN": "156"}
TARGET = Path(__file__).resolve().parents[1] / "src/steppewatch/world/data/border.geojson"
DIGITS = 5  # the source is quantised to 0.0036°; 1e-5° is 1 m


def fetch_topology() -> dict:
    """Download the package into a scratch folder and read its 1:10 m countries."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(  # noqa: S603 (fixed arguments)
            ["npm", "pack", "--silent", PACKAGE],  # noqa: S607 (npm is where the user has it)
            cwd=scratch,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        archive = next(Path(scratch).glob("*.tgz"))
        with tarfile.open(archive) as tar:
            member = tar.extractfile("package/countries-10m.json")
            return json.load(member)


def arcs_of(topology: dict, country: str) -> set[int]:
    """Collect the arcs that bound one country (a negative index is an arc run backwards)."""
    shape = next(
        g for g in topology["objects"]["countries"]["geometries"] if g.get("id") == country
    )
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return {i if i >= 0 else ~i for rings in polygons for ring in rings for i in ring}


def decode(topology: dict, index: int) -> list[tuple[float, float]]:
    """Undo the delta coding and quantisation of one arc: longitude, latitude in degrees."""
    (scale_x, scale_y), (move_x, move_y) = (
        topology["transform"][k] for k in ("scale", "translate")
    )
    x = y = 0
    points = []
    for dx, dy in topology["arcs"][index]:
        x, y = x + dx, y + dy
        points.append((round(x * scale_x + move_x, DIGITS), round(y * scale_y + move_y, DIGITS)))
    return points


def chain(lines: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Join arcs at their common ends into one line from west to east."""
    line, *rest = lines
    while rest:
        for i, other in enumerate(rest):
            options = [other, other[::-1]]
            after = next((o for o in options if o[0] == line[-1]), None)
            before = next((o for o in options if o[-1] == line[0]), None)
            if after or before:
                line = line + after[1:] if after else before + line[1:]
                del rest[i]
                break
        else:
            raise SystemExit("the shared arcs do not form one line: look at the source again")
    return line if line[0][0] < line[-1][0] else line[::-1]


def main() -> None:
    """Write one LineString for each neighbour."""
    topology = fetch_topology()
    own = arcs_of(topology, MONGOLIA)
    features = []
    for neighbour, country in NEIGHBOURS.items():
        shared = own & arcs_of(topology, country)
        line = chain([decode(topology, i) for i in sorted(shared)])
        features.append(
            {
                "type": "Feature",
                "properties": {"country": "MN", "neighbour": neighbour},
                "geometry": {"type": "LineString", "coordinates": line},
            }
        )
        print(f"{neighbour}: {len(shared)} arcs, {len(line)} points, {line[0]} to {line[-1]}")
    source = f"Natural Earth 1:10 m (public domain) by way of npm {PACKAGE}; scripts/make_border.py"
    collection = {"type": "FeatureCollection", "source": source, "features": features}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
