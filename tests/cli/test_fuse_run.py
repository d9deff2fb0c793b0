"""`steppewatch fuse run` on files: what it writes, what it refuses, what it never reads."""

import json
import math

import numpy as np
import pytest
from fuse_traffic import PERIOD, SCANS, call, refused, traffic

from steppewatch.engine.track_files import Reading, read_detections
from steppewatch.errors import EngineError, FuseError, SteppewatchError


@pytest.fixture
def file(tmp_path):
    def write(name="radar.npz", **changes):
        np.savez(tmp_path / name, **traffic(**changes))
        return tmp_path / name

    return write


def test_the_acceptance_command_writes_every_array_of_its_contract(file, tmp_path):
    out = tmp_path / "tracks.npz"
    said = json.loads(call("run", file(), "--mode", "default", "--out", out, "--json"))
    found = np.load(out)
    n = len(found["track_id"])
    assert found["scan_off"].shape == (SCANS + 1,)
    assert found["scan_off"][-1] == n
    assert found["pos_enu_m"].shape == found["vel_enu_mps"].shape == (n, 3)
    assert found["cov"].shape == (n, 6, 6)
    assert found["cpu_s"].shape == (SCANS,)
    assert 0.0 < said["cpu_s"]["median"] < 1.0
    assert said["scans"] == SCANS
    assert said["tracks"] == 4
    assert "scores" not in said


def test_tracks_come_in_the_frame_of_the_file_with_z_above_its_zero(file, tmp_path):
    out = tmp_path / "tracks.npz"
    call("run", file(), "--out", out, "--json")
    found, truth = np.load(out), traffic()["truth"][-1]
    last = slice(found["scan_off"][-2], None)
    assert found["scan_off"][-1] - found["scan_off"][-2] == 4
    place, speed = found["pos_enu_m"][last], found["vel_enu_mps"][last]
    sigma = np.sqrt(np.diagonal(found["cov"][last], axis1=1, axis2=2))
    for row in truth:
        i = int(np.argmin(np.linalg.norm(place - row[0::2], axis=1)))
        assert np.abs(place[i] - row[0::2]).max() < 200.0
        assert np.linalg.norm(speed[i] - row[1::2]) < 25.0
        off = np.concatenate((place[i] - row[0::2], speed[i] - row[1::2]))
        assert np.abs(off / sigma[i]).max() < 5.0


def test_no_bit_of_the_tracks_depends_on_the_truth_in_the_file(file, tmp_path):
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    call("run", file("with.npz"), "--out", one, "--json")
    call("run", file("without.npz", truth=None, det_truth=None, cls=None), "--out", two, "--json")
    with np.load(one) as a, np.load(two) as b:
        for name in ("scan_off", "track_id", "pos_enu_m", "vel_enu_mps", "cov"):
            assert a[name].tobytes() == b[name].tobytes()


def test_truth_scores_the_tracks(file):
    said = json.loads(call("run", file(), "--truth", file(), "--json"))
    assert said["scores"]["completeness"] > 0.9
    assert "GOSPA" in call("run", file(), "--truth", file()).upper()


def test_a_file_without_meta_is_tracked_on_assumptions_and_says_so(file):
    said = json.loads(call("run", file(meta=None), "--json"))
    assert said["tracks"] == 4
    assert any("no meta" in warning for warning in said["warnings"])


def test_rows_of_nan_and_empty_scans_are_left_out(file):
    arrays = traffic()
    det, bounds = arrays["det"].copy(), arrays["det_off"].copy()
    det[3] = np.nan
    bounds[6] = bounds[5]  # the scan's rows fall to the next one
    said = json.loads(call("run", file(det=det, det_off=bounds), "--json"))
    assert said["plots"] == len(det) - 1
    assert any("1 rows without range" in warning for warning in said["warnings"])


def test_a_radar_without_elevation_and_range_rate_is_tracked_in_the_plane(file):
    det = traffic()["det"][:, :3].copy()
    det[:, 0] = np.nan
    assert json.loads(call("run", file(det=det), "--json"))["tracks"] >= 3


def test_scans_out_of_order_are_put_into_it_and_written_where_they_stood(file, tmp_path):
    arrays = traffic()
    times = PERIOD * np.arange(SCANS)
    swapped = np.concatenate((times[:6], times[[7, 6]], times[8:]))
    det, bounds = arrays["det"], arrays["det_off"]
    rows = [np.arange(bounds[k], bounds[k + 1]) for k in range(SCANS)]
    rows[6], rows[7] = rows[7], rows[6]
    moved = np.concatenate(([0], np.cumsum([len(r) for r in rows])))
    path = file(det=det[np.concatenate(rows)], det_off=moved, time=swapped)
    said = json.loads(call("run", path, "--out", tmp_path / "moved.npz", "--json"))
    assert any("order of time" in warning for warning in said["warnings"])
    assert said["tracks"] == 4
    call("run", file(), "--out", tmp_path / "plain.npz", "--json")
    with np.load(tmp_path / "moved.npz") as m, np.load(tmp_path / "plain.npz") as p:
        assert (m["time_ns"] - m["time_ns"].min() == swapped * 1e9).all()
        for k, other in enumerate([*range(6), 7, 6, *range(8, SCANS)]):
            a, b = (slice(x["scan_off"][i], x["scan_off"][i + 1]) for x, i in ((m, k), (p, other)))
            assert m["pos_enu_m"][a].tobytes() == p["pos_enu_m"][b].tobytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"det": None}, "expected det"),
        ({"det": np.zeros((4, 7))}, r"shape \(4, 7\), expected \(M, 4\)"),
        ({"det_off": None}, "det_off has shape"),
        ({"det_off": np.array([0, 5, 3])}, "det_off falls at scan 1"),
        ({"det_off": np.array([0, 5, 9_999])}, "det_off ends at row 9999"),
        ({"meta": np.array("{")}, "meta is no JSON"),
        ({"meta": np.array("[1]")}, "meta is list, expected an object"),
        ({"det_off": np.array([0.0, np.nan, 5.0])}, "fractions or NaN"),
        ({"det": np.degrees(traffic()["det"])}, "use np.radians"),
        ({"det": traffic()["det"][:, [2, 1, 0, 3]]}, "put the columns in order"),
        ({"det": np.array([["a"] * 4])}, "det holds no numbers"),
        ({"time": np.zeros(3)}, r"time has shape \(3,\).*each of the 14 scans"),
        ({"det_time": np.zeros(3)}, r"det_time has shape \(3,\)"),
    ],
)
def test_a_broken_file_is_refused_with_what_was_and_what_should_be(file, changes, message):
    with pytest.raises(EngineError, match=message):
        call("run", file(**changes))


def test_some_wild_rows_are_left_out_and_ranges_in_kilometres_are_asked_about(file):
    det = traffic()["det"].copy()
    det[2, 1], det[5, 0] = 300.0, -9.0
    said = json.loads(call("run", file(det=det), "--json"))
    assert any("2 rows with angles beyond a turn" in warning for warning in said["warnings"])
    assert said["plots"] == len(det) - 2
    det = traffic()["det"] * (1.0, 1.0, 1e-3, 1.0)
    said = json.loads(call("run", file(det=det), "--json"))
    assert any("are both in metres?" in warning for warning in said["warnings"])


def test_errors_in_degrees_are_asked_about(file):
    meta = json.loads(str(traffic()["meta"])) | {"sigma": [2.6, 1.7, 30.0, 1.0]}
    said = json.loads(call("run", file(meta=np.array(json.dumps(meta))), "--json"))
    assert any("expected elevation [rad]" in warning for warning in said["warnings"])


def test_a_cut_file_is_refused(file, tmp_path):
    whole = file().read_bytes()
    for part in (0.3, 0.7, 0.99):
        (tmp_path / "cut.npz").write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(EngineError, match=r"cannot read .*cut\.npz"):
            call("run", tmp_path / "cut.npz")


def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path):
    np.savez_compressed(tmp_path / "whole.npz", **traffic())
    whole, rng = bytearray((tmp_path / "whole.npz").read_bytes()), np.random.default_rng(8)
    refused_ones = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(whole), 6):
            damaged[at] = rng.integers(256)
        (tmp_path / "damaged.npz").write_bytes(damaged)
        try:
            read_detections(tmp_path / "damaged.npz", Reading())
        except SteppewatchError:
            refused_ones += 1
    assert refused_ones > 50


def test_a_file_of_empty_scans_gives_no_tracks_and_no_error(file, tmp_path):
    out = tmp_path / "tracks.npz"
    path = file(det=np.zeros((0, 4)), det_off=np.zeros(SCANS + 1, int), truth=None)
    said = json.loads(call("run", path, "--out", out, "--json"))
    assert (said["scans"], said["plots"], said["tracks"]) == (SCANS, 0, 0)
    with np.load(out) as found:
        assert found["scan_off"].tolist() == [0] * (SCANS + 1)
        assert found["cov"].shape == (0, 6, 6)


def test_a_file_of_python_objects_is_not_opened(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, det=np.array([{"a": 1}], dtype=object))
    with pytest.raises(EngineError, match="cannot read"):
        call("run", path)


def test_missing_and_empty_files_say_what_was_expected(tmp_path):
    with pytest.raises(EngineError, match=r"cannot read .* expected detections"):
        call("run", tmp_path / "none.npz")
    (tmp_path / "empty.npz").touch()
    with pytest.raises(EngineError, match="is empty"):
        call("run", tmp_path / "empty.npz")


def test_settings_come_from_a_file_and_an_unknown_one_names_its_nearest(file, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("[tracker]\nagile = 50\nconfirm_hits = 4\n")
    said = json.loads(call("run", file(), "--settings", mine, "--json"))
    assert said["settings"] == {"agile": 50.0, "confirm_hits": 4}
    mine.write_text("[tracker]\nconfirm_hit = 4\n")
    with pytest.raises(FuseError, match=r"mine\.toml:2.*did you mean 'confirm_hits'"):
        call("run", file(), "--settings", mine)


def test_tracks_as_columns_stand_on_the_earth(file, tmp_path):
    out = tmp_path / "tracks.csv"
    call("run", file(), "--out", out)
    head, *lines = out.read_text().splitlines()
    assert head.startswith("time,track_id,x,y,z")
    row = dict(zip(head.split(","), lines[-1].split(","), strict=True))
    reach = math.hypot(float(row["x"]), float(row["y"]))
    north = (float(row["lat_deg"]) - 47.0) * 111_170.0
    assert abs(north) < reach + 500.0
    assert float(row["y"]) == pytest.approx(north, abs=0.01 * reach + 100.0)


def test_the_totals_say_how_and_how_well_without_truth(file):
    said = json.loads(call("run", file(), "--set", "agile=40,confirm_hits=4", "--json"))
    assert said["settings"] == {"agile": 40.0, "confirm_hits": 4}
    assert said["degraded"] == 0
    assert sum(said["methods"].values()) > 20
    assert said["doubts"] == {}
    nis = said["innovations"]
    assert nis["count"] > 15
    assert nis["components"] == 3
    assert 0.1 < nis["nis"] < 2.0


def test_a_burst_of_plots_is_tracked_and_told_as_a_doubt(file):
    arrays, rng = traffic(), np.random.default_rng(3)
    many = np.column_stack(
        (rng.uniform(0, 0.3, 900), rng.uniform(-3, 3, 900), rng.uniform(1e3, 4e4, 900),
         np.full(900, np.nan))
    )  # fmt: skip
    det, bounds = np.concatenate((arrays["det"], many)), arrays["det_off"].copy()
    bounds[-1] += 900
    said = json.loads(call("run", file(det=det, det_off=bounds), "--json"))
    assert said["doubts"] == {"burst": 1}
    assert "rain, jamming" in said["doubts_told"][0]["text"]
    assert "doubt at" in call("run", file(det=det, det_off=bounds))


def test_truth_may_be_in_the_same_file_by_one_word(file):
    path = file()
    same, named = (call("run", path, "--truth", t).split("moments")[1] for t in ("same", path))
    assert same == named


def test_scores_are_printed_by_name(file):
    said = call("run", file(), "--truth", "same")
    for name in (
        "GOSPA", "from missed targets", "OSPA(2)", "T-GOSPA", "SIAP", "completeness", "switches",
        "fragmentations", "latency", "NEES per component", "NIS per component",
    ):  # fmt: skip
        assert name in said, name


def test_pictures_are_drawn_of_the_scores(file, tmp_path):
    call("run", file(), "--truth", "same", "--plots", tmp_path / "new" / "pictures")
    found = sorted(path.name for path in (tmp_path / "new" / "pictures").iterdir())
    assert found == ["consistency.png", "gospa.png", "parts.png", "tracks.png"]
    for name in found:
        assert (tmp_path / "new" / "pictures" / name).read_bytes()[:4] == b"\x89PNG"


def test_pictures_without_truth_are_refused(file):
    assert "give --truth" in refused("run", file(), "--plots", "anywhere")


def test_why_tells_each_plot_of_a_track_and_they_are_its_target_s(file, tmp_path):
    out = tmp_path / "tracks.npz"
    said = json.loads(call("run", file(), "--out", out, "--why", 1, "--json"))
    life = said["why"]["1"]
    assert life[0]["event"] == "began"
    assert [e["event"] for e in life].count("confirmed") == 1
    assert {e["event"] for e in life} <= {"began", "confirmed", "held", "missed"}
    det = traffic()["det"]
    for entry in life:
        for plot in entry["plots"]:
            assert np.abs(det[:, 2] - plot["range_m"]).min() < 1e-3
            assert plot["sensor"] == "radar"
            assert 0.0 < plot["weight"] <= 1.0
    text = call("run", file(), "--why", 1)
    assert text.count("radar #") == sum(len(e["plots"]) for e in life)
    assert "confirmed at" in text


def test_why_of_a_track_that_never_was_names_some_that_were(file):
    with pytest.raises(EngineError, match=r"no track 999 ever began: the longest .* are 1"):
        call("run", file(), "--why", 999)


def test_a_wrong_setting_on_the_command_line_names_its_nearest(file):
    with pytest.raises(FuseError, match=r"--set: quite is not a setting.*did you mean 'quiet'"):
        call("run", file(), "--set", "quite=1")
    assert "expected NAME=VALUE" in refused("run", file(), "--set", "quiet")
