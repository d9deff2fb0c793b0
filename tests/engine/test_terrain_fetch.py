"""Fetching tiles from a real HTTP server that behaves, and from ones that do not."""

import errno
import hashlib
import http.server
import re
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from steppewatch.cli.world import world
from steppewatch.engine import terrain_fetch, terrain_store
from steppewatch.engine.terrain_fetch import fetch, tiles
from steppewatch.errors import EngineError, StoreFullError

NAME = "Copernicus_DSM_COG_30_N48_00_E106_00_DEM"


class Server(http.server.ThreadingHTTPServer):
    """Serve tiles from memory, with faults to order.

    Attributes:
        files: Name to bytes; anything else is 404.
        drops: Connections still to be cut, after ``cut`` bytes of the answer.
        statuses: Statuses to answer first.
        ranges: Whether it knows Range.
        etag: Makes the ETag of a body, "" for none.
        lie: Added to the stated length.
        asked: Range headers that came.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked, self.statuses = {}, [], []
        self.drops, self.cut, self.ranges, self.lie = 0, 20_000, True, 0
        self.etag = lambda body: f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get("Range"))
        if server.statuses:
            self.send_error(server.statuses.pop(0))
            return
        body = server.files.get(Path(self.path).stem)
        if body is None:
            self.send_error(404)
            return
        tag, start = server.etag(body), 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted and int(wanted[1]) >= len(body):
            self.send_error(416)
            return
        if wanted and server.ranges and self.headers.get("If-Range") == tag:
            start = int(wanted[1])
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {start}-{len(body) - 1}/{len(body) + server.lie}"
            )
        else:
            self.send_response(200)
        if tag:
            self.send_header("ETag", tag)
        part = body[start:]
        self.send_header("Content-Length", str(len(part) + server.lie))
        self.send_header("Connection", "close")
        self.end_headers()
        if server.drops:
            server.drops -= 1
            part = part[: server.cut]
        self.wfile.write(part)
        self.close_connection = True

    def log_message(self, *_args):
        pass


@pytest.fixture
def server(tmp_path):
    found = Server()
    rng = np.random.default_rng(0)
    path = tmp_path / "made.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=200,
        height=200,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(106.0, 49.0, 0.005, 0.005),
    ) as dataset:
        dataset.write(rng.uniform(900, 1500, (200, 200)).astype(np.float32), 1)
    found.files[NAME] = path.read_bytes()
    thread = threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def get(server, tmp_path):
    pauses = []
    found = partial(fetch, [NAME], "glo90", tmp_path, base=server.base, pause=pauses.append)
    found.pauses = pauses
    return found


def stored(tmp_path):
    (entry,) = terrain_store.entries(tmp_path)
    return Path(entry.file.path).read_bytes()


def test_tiles_are_named_as_copernicus_names_them():
    assert list(tiles(105.5, 47.5, 106.5, 48.5, "glo30")) == [
        "Copernicus_DSM_COG_10_N47_00_E105_00_DEM",
        "Copernicus_DSM_COG_10_N47_00_E106_00_DEM",
        "Copernicus_DSM_COG_10_N48_00_E105_00_DEM",
        "Copernicus_DSM_COG_10_N48_00_E106_00_DEM",
    ]
    assert list(tiles(-1, -1, 0, 0, "glo90")) == ["Copernicus_DSM_COG_30_S01_00_W001_00_DEM"]
    with pytest.raises(EngineError, match="west,south,east,north"):
        list(tiles(107, 47, 106, 48, "glo30"))


def test_a_tile_arrives_whole_and_is_used(server, get, tmp_path):
    assert get().added == (NAME,)
    assert stored(tmp_path) == server.files[NAME]
    (entry,) = terrain_store.entries(tmp_path)
    assert entry.source == f"{server.base}/{NAME}/{NAME}.tif"
    assert entry.file.datum == "EGM2008"
    assert entry.sha256 == hashlib.sha256(server.files[NAME]).hexdigest()
    assert terrain_store.open_terrain(tmp_path).describe().label.startswith("Copernicus GLO-90 18″")
    assert get().had == (NAME,)
    assert len(server.asked) == 1


def test_dropped_connections_are_resumed_where_they_broke(server, get, tmp_path):
    server.drops = 5
    assert get().added == (NAME,)
    assert stored(tmp_path) == server.files[NAME]
    assert server.asked == [None, *(f"bytes={20_000 * n}-" for n in range(1, 6))]
    assert get.pauses == [0.5] * 5  # each try brought something


def test_what_was_received_survives_the_program(server, get, tmp_path):
    server.drops, server.cut = 1, 50_000
    with pytest.raises(KeyboardInterrupt):
        get(pause=lambda _seconds: (_ for _ in ()).throw(KeyboardInterrupt))
    assert get().added == (NAME,)
    assert server.asked == [None, "bytes=50000-"]
    assert stored(tmp_path) == server.files[NAME]


def test_a_new_version_on_the_server_is_not_glued_to_the_old(server, get, tmp_path):
    old = server.files[NAME]
    server.drops = 1
    changed = bytearray(old)
    changed[-100:] = bytes(100)

    def change(_seconds):
        server.files[NAME] = bytes(changed)

    assert get(pause=change).added == (NAME,)
    assert stored(tmp_path) == bytes(changed)


def test_a_server_without_range_sends_the_whole_again(server, get, tmp_path):
    server.ranges, server.drops = False, 1
    assert get().added == (NAME,)
    assert stored(tmp_path) == server.files[NAME]


def test_without_a_version_nothing_is_glued_together(server, get, tmp_path):
    server.etag, server.drops = (lambda _body: ""), 1
    assert get().added == (NAME,)
    assert server.asked == [None, None]
    assert stored(tmp_path) == server.files[NAME]


def test_a_wrong_length_is_not_believed(server, get):
    server.lie = 1000
    with pytest.raises(EngineError, match=r"could not be fetched after 6 tries.*bytes came"):
        get()
    server.lie = 0
    assert get().added == (NAME,)


def test_a_wrong_checksum_is_fetched_anew_and_then_refused(server, get, tmp_path):
    server.etag = lambda _body: f'"{"0" * 32}"'
    with pytest.raises(EngineError, match="does not match the server's MD5"):
        get()
    assert terrain_store.entries(tmp_path) == []
    assert not list((tmp_path / "terrain").glob("*.tif"))


def test_absent_tiles_are_recorded_and_no_error(server, get, tmp_path):
    server.files.clear()
    assert get().absent == (NAME,)
    assert NAME in (tmp_path / "terrain" / "absent.json").read_text()


def test_a_busy_server_is_asked_again_with_growing_pauses(server, get):
    server.statuses = [503, 429, 500]
    assert get().added == (NAME,)
    assert get.pauses == [1.0, 2.0, 4.0]


def test_a_refusal_is_not_asked_again(server, get):
    server.statuses = [403]
    with pytest.raises(EngineError, match="answers 403"):
        get()
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:9/.*could not be fetched after 6 tries"):
        fetch([NAME], "glo90", tmp_path, base="http://127.0.0.1:9", pause=lambda _s: None)
    with pytest.raises(EngineError, match="starts with https"):
        fetch([NAME], "glo90", tmp_path, base="file:///etc")


def test_what_is_no_elevation_never_enters_the_store(server, get, tmp_path):
    server.files[NAME] = b"<html>log in first</html>"
    with pytest.raises(EngineError, match="cannot be read as elevation"):
        get()
    assert terrain_store.entries(tmp_path) == []


def test_a_full_disk_ends_it_with_the_start_kept(get, monkeypatch):
    opened = Path.open

    def full(path, mode="r", *args, **options):
        stream = opened(path, mode, *args, **options)
        if path.suffix == ".part" and mode == "wb":

            def write(_chunk):
                raise OSError(errno.ENOSPC, "No space left on device")

            stream.close()
            stream = opened(path, mode)
            wrapped = type("Full", (), {"write": staticmethod(write), "tell": stream.tell})()
            wrapped.__class__.__enter__ = lambda self: self
            wrapped.__class__.__exit__ = lambda _self, *_error: stream.close()
            return wrapped
        return stream

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StoreFullError, match="make room"):
        get()


def test_the_command_fetches_and_says_what_is_absent(server, tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path))
    arguments = ["--bbox", "106,48,108,49", "--product", "glo90", "--from", server.base]
    result = CliRunner().invoke(world, ["fetch", *arguments])
    assert result.exit_code == 0, result.output
    assert "1 fetched, 0 already here" in result.output
    assert "N48_00_E107_00_DEM: the server has no such tile" in result.output
    assert CliRunner().invoke(world, ["fetch", "--bbox", "1,2,3"]).exit_code == 2


def test_progress_is_told_in_bytes(server, get):
    heard = []
    get(progress=lambda *step: heard.append(step))
    assert heard[-1] == (NAME, len(server.files[NAME]), len(server.files[NAME]))


def test_the_public_addresses_are_the_published_buckets():
    assert terrain_fetch.PRODUCTS["glo30"][1].startswith("https://copernicus-dem-30m.")
