"""Two nodes that feed each other: one joint picture on both, and no rumour between them."""

import numpy as np

from steppewatch import fuse
from steppewatch.engine.bus import Bus
from steppewatch.engine.chain import Chain
from steppewatch.engine.partner import PartnerLine
from steppewatch.fuse import remote
from steppewatch.records import (
    Origin,
    Sensor,
    SensorKind,
    TrackBatch,
    TrackStatus,
    decode,
    detection_batch,
    encode,
    founder,
    tracker_code,
)
from steppewatch.world.geodesy import ecef_from_enu, enu_from_ecef, local_frame

NS = 10**9
START = 1_700_000_000 * NS
SITES = {"a": (47.0, 107.0), "b": (47.0, 107.6)}
HOME = local_frame(np.radians(47.0), np.radians(107.3), 1_200.0)
SIGMAS = 30.0, 2e-3, 3e-3


def radar(name):
    lat, lon = np.radians(SITES[name])
    return Sensor(
        id=f"radar-{name}", name=name, site=name, kind=SensorKind.RADAR_3D, lat=lat, lon=lon,
        height=1_300.0, min_range=100.0, max_range=100e3, scan_period=4.0, sector_start=0.0,
        sector_width=2 * np.pi, sigma_range=SIGMAS[0], sigma_azimuth=SIGMAS[1],
        sigma_elevation=SIGMAS[2], sigma_range_rate=np.nan, detection_probability=0.9,
        false_alarms=0.5, origin=Origin(feed="test"),
    )  # fmt: skip


def truth(seconds):
    """Give the aircraft's place in ECEF: east at 80 m/s, 30 km north of both radars."""
    return ecef_from_enu(np.array([-10e3 + 80.0 * seconds, 30e3, 3e3]), HOME)


def plot(name, when, place, rng):
    """Measure a place by one radar."""
    site = radar(name)
    east, north, up = enu_from_ecef(place, local_frame(site.lat, site.lon, site.height))
    true = (
        np.sqrt(east**2 + north**2 + up**2), np.arctan2(east, north),
        np.arctan2(up, np.hypot(east, north)),
    )  # fmt: skip
    r, az, el = (value + rng.normal(0.0, sigma) for value, sigma in zip(true, SIGMAS, strict=True))
    return detection_batch(
        site.id, Origin(sensor=site.id, feed="test"), np.array([when]), np.array([r]),
        np.array([az]), elevation=np.array([el]),
    )  # fmt: skip


class Watch:
    """One node, stepped by hand: its chain, its bus, its line to the partner."""

    def __init__(self, name, other=None):
        partner = remote.Partner(name=other or "nobody", feed="partner", sensor=other or "nobody")
        joint = remote.JointSettings(node=name, partners=(partner,))
        self.name, self.bus, self.line = name, Bus(), None
        self.chain = Chain([], [fuse.stage(), remote.stage(joint)])
        self.states = self.chain.initial()
        self.own, self.shown, self.said = [], {}, []

    def tick(self, messages, now_ns):
        heard = list(self.line.receive(now_ns)) if self.line else []
        stepped = self.chain.step(self.states, [*messages, *heard], now_ns)
        self.states, self.said = stepped.states, stepped.core
        self.bus.publish(stepped.core, now_ns)
        for batch in stepped.core:
            if not isinstance(batch, TrackBatch):
                continue
            if batch.origin.feed == "fuse":
                self.own.append(batch)
                continue
            for k, number in enumerate(batch.id.tolist()):
                if batch.status[k] == TrackStatus.ENDED:
                    self.shown.pop(number, None)
                else:
                    held = [n for n, on in zip(batch.trackers, batch.held_by[k], strict=True) if on]
                    self.shown[number] = batch.mean[k], batch.cov[k], held, int(batch.time_ns[k])


def play(seconds, seen=lambda _name, _second: True, *, linked=True, look=lambda *_: None):
    """Let both nodes watch for some time; each second one tick, each radar turns in 4 s."""
    nodes = {"a": Watch("a", "b"), "b": Watch("b", "a")}
    if linked:
        nodes["a"].line = PartnerLine(nodes["b"].bus, "b")
        nodes["b"].line = PartnerLine(nodes["a"].bus, "a")
    noise = {name: np.random.default_rng(seed) for seed, name in enumerate("ab")}
    for second in range(seconds):
        now = START + second * NS
        for k, (name, node) in enumerate(nodes.items()):
            messages = [radar(name)] if second == 0 else []
            if second % 4 == 2 * k and seen(name, second):
                messages.append(plot(name, now, truth(second), noise[name]))
            node.tick(messages, now)
        look(second, nodes)
    return nodes


def test_both_nodes_show_one_track_under_one_id_held_by_both():
    nodes = play(120)
    (a,), (b,) = nodes["a"].shown.values(), nodes["b"].shown.values()
    assert set(nodes["a"].shown) == set(nodes["b"].shown)
    assert (a[2], b[2]) == (["a", "b"], ["b", "a"])
    assert founder(next(iter(nodes["a"].shown)))[0] in {tracker_code("a"), tracker_code("b")}
    for mean, cov, _, when in (a, b):
        (squared,) = misfits([(mean, cov, when)], (when - START) // NS)
        assert squared < 16.3  # χ², 3 dimensions, 99.9 %


def test_no_rumour_grows_between_nodes_that_feed_each_other():
    """What is joined stays honest over ten minutes, and nothing of it came back into a tracker."""
    errors = {"joint": [], "own": []}

    def look(second, nodes):
        if second < 60:
            return
        for node in nodes.values():
            told = [(m[0], m[1], m[3]) for m in node.shown.values()]
            last = node.own[-1]
            errors["own"] += misfits([(last.mean[0], last.cov[0], int(last.time_ns[0]))], second)
            errors["joint"] += misfits(told, second)

    linked, alone = play(600, look=look), play(600, linked=False)
    assert len(errors["joint"]) > 300
    # Three dimensions: 3.0 if exact. News counted again and again would send it to tens.
    assert np.mean(errors["joint"]) < min(4.0, 1.1 * np.mean(errors["own"]))
    for name in "ab":
        for one, other in zip(linked[name].own, alone[name].own, strict=True):
            np.testing.assert_array_equal(one.mean, other.mean)
            np.testing.assert_array_equal(one.cov, other.cov)


def misfits(tracks, second):
    """Give NEES of the places of tracks that were told of this second."""
    away = [
        (mean[:3] - truth(second), cov) for mean, cov, at in tracks if at == START + second * NS
    ]
    return [a @ np.linalg.solve(cov[:3, :3], a) for a, cov in away]


def test_a_partner_that_falls_silent_leaves_our_own_track_as_it_is():
    nodes = play(160, seen=lambda name, second: name == "a" or second < 60)
    ((_, cov, held, _),) = nodes["a"].shown.values()
    assert held == ["a"]
    np.testing.assert_allclose(cov, nodes["a"].own[-1].cov[0], rtol=1e-9)


def test_what_nobody_sees_any_more_ends_on_both_sides():
    """Nodes that keep each other's tracks alive would never end it."""
    nodes = play(400, seen=lambda _name, second: second < 60)
    assert nodes["a"].shown == {}
    assert nodes["b"].shown == {}


def test_a_joint_picture_handed_back_keeps_no_track_alive():
    """A partner that sends its joint tracks, against the rule: what is only an echo ends."""
    a = remote.stage(remote.JointSettings(node="a"))
    b = remote.stage(remote.JointSettings(node="b"))
    states, counts = {"a": a.initial, "b": b.initial}, []
    own = play(40, linked=False)["a"].own
    over = [batch for batch in own if len(batch)][-1]
    handed = []
    for second in range(0, 300, 2):
        now = START + (60 + second) * NS
        news = [] if second > 20 else [_again(over, now, ended=second == 20)]
        states["a"], said = a.step(states["a"], [*news, *handed], now)
        to_b = [remote.as_partner(m, "a") for m in said]
        states["b"], back = b.step(states["b"], to_b, now)
        handed = [remote.as_partner(m, "b") for m in back]
        counts.append((len(said), len(back)))
    assert counts[5] == (1, 1)
    assert counts[-1] == (0, 0)
    assert len(states["a"]) == len(states["b"]) == 0


def _again(batch, now, *, ended):
    """Say a batch once more as of another moment."""
    fields = {name: getattr(batch, name) for name in batch.__slots__}
    n = len(batch)
    status = TrackStatus.ENDED if ended else TrackStatus.CONFIRMED
    moment = np.full(n, now)
    return TrackBatch(
        **fields | {"time_ns": moment, "seen_ns": moment, "status": np.full(n, status, np.uint8)}
    )


def test_a_node_that_restarts_goes_on_with_the_same_joint_picture():
    def restart(second, nodes):
        if second == 70:
            nodes["a"].states = decode(encode(nodes["a"].states))

    whole, broken = play(100), play(100, look=restart)
    assert set(whole["a"].shown) == set(broken["a"].shown)
    for number, (mean, cov, held, when) in whole["a"].shown.items():
        again = broken["a"].shown[number]
        np.testing.assert_array_equal(mean, again[0])
        np.testing.assert_array_equal(cov, again[1])
        assert (held, when) == again[2:]
