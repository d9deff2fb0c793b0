"""Two nodes that exchange tracks: textbook Kalman filters, whose errors are known to be honest."""

import numpy as np

from steppewatch.fuse import remote
from steppewatch.records import Origin, TrackBatch, TrackStatus, decode, encode
from steppewatch.world.geodesy import ecef_from_enu, local_frame

NS = 1_000_000_000
START = 1_700_000_000 * NS
FRAME = local_frame(np.radians(48.0), np.radians(106.0), 0.0)
PERIOD = 5.0
DRIFT = 0.3


def motion(dt, q=DRIFT):
    """Give the transition and the noise of constant velocity."""
    step, noise = np.eye(6), np.zeros((6, 6))
    step[:3, 3:] = dt * np.eye(3)
    for a in range(3):
        noise[a, a], noise[a + 3, a + 3] = q * dt**3 / 3, q * dt
        noise[a, a + 3] = noise[a + 3, a] = q * dt**2 / 2
    return step, noise


def flights(n, seconds, rng):
    """Draw flights ``(scans, n, 6)`` in ECEF, 20 km apart, that obey the filters' own model."""
    spots = np.stack((20e3 * np.arange(n), np.full(n, 40e3), np.full(n, 4e3)), axis=1)
    out = np.empty((int(seconds / PERIOD) + 1, n, 6))
    out[0, :, :3] = ecef_from_enu(spots, FRAME)
    out[0, :, 3:] = rng.normal(0.0, 20.0, (n, 3)) @ FRAME.rotation
    step, noise = motion(PERIOD)
    root = np.linalg.cholesky(noise)
    for k in range(1, len(out)):
        out[k] = out[k - 1] @ step.T + rng.normal(size=(n, 6)) @ root.T
    return out


def batch(rows, origin, sensors=()):
    """Make a batch of tracks from dicts."""
    n = len(rows)

    def column(name, dtype, otherwise):
        return np.array([row.get(name, otherwise) for row in rows], dtype)

    return TrackBatch(
        time_ns=column("time_ns", np.int64, 0), id=column("id", np.int64, 0),
        mean=column("mean", float, None).reshape(n, 6),
        cov=column("cov", float, None).reshape(n, 6, 6),
        status=column("status", np.uint8, TrackStatus.CONFIRMED),
        existence=np.ones(n, np.float32), target=np.zeros(n, np.uint8),
        born_ns=column("born_ns", np.int64, START), seen_ns=column("time_ns", np.int64, 0),
        hits=np.ones(n, np.uint32), mode_s=column("mode_s", np.uint32, 0),
        mode_3a=np.full(n, -1, np.int32), callsign=np.zeros(n, "S8"), sensors=sensors,
        seen_by=np.ones((n, len(sensors)), bool), origin=origin,
    )  # fmt: skip


class Node:
    """Hold one node: a filter for each target with ids of its own, and its joint picture."""

    def __init__(self, name, sigmas, first, late_ns=0, **settings):
        self.name, self.first, self.late_ns = name, first, late_ns
        self.noise = FRAME.rotation.T @ np.diag(np.square(sigmas)) @ FRAME.rotation
        self.joint = remote.stage(remote.JointSettings(node=name, drift=DRIFT, **settings))
        self.picture = self.joint.initial
        self.tracks, self.shown, self.local = {}, {}, {}
        self.next = first
        self.news = None

    def lose(self, target):
        """Let a track end: the target's next one has another id."""
        track = self.tracks.pop(target)
        self.lost = {**track, "status": TrackStatus.ENDED}

    def track(self, truth, when, rng):
        """Measure and filter every target; give the news for partners."""
        step, noise = motion(PERIOD)
        rows = [self.__dict__.pop("lost")] if "lost" in self.__dict__ else []
        for k, target in enumerate(truth):
            z = target[:3] + rng.multivariate_normal(np.zeros(3), self.noise)
            track = self.tracks.get(k)
            if track is None:
                cov = np.zeros((6, 6))
                cov[:3, :3], cov[3:, 3:] = self.noise, 400.0 * np.eye(3)
                mean = np.concatenate((z, np.zeros(3)))
                track = {"id": self.next, "born_ns": when + self.late_ns}
                self.next += 1
            else:
                mean, cov = step @ track["mean"], step @ track["cov"] @ step.T + noise
                gain = cov[:, :3] @ np.linalg.inv(cov[:3, :3] + self.noise)
                mean, cov = mean + gain @ (z - mean[:3]), cov - gain @ cov[:3]
            track = {**track, "mean": mean, "cov": 0.5 * (cov + cov.T), "time_ns": when}
            self.tracks[k] = track
            rows.append(track)
        self.news = batch(rows, Origin(feed="fuse"), (f"radar-{self.name}",))
        follow(self.local, [self.news])
        return [remote.as_partner(self.news, self.name)]

    def join(self, foreign, when):
        """Join the own news with the partners'; the state goes through its bytes each time."""
        self.picture, said = self.joint.step(self.picture, [self.news, *foreign], when)
        self.picture = decode(encode(self.picture))
        follow(self.shown, said)
        return said


def follow(shown, batches):
    """Follow a picture: id → its latest mean, covariance and time; ended ones out."""
    for one in batches:
        for k, number in enumerate(one.id.tolist()):
            if one.status[k] == TrackStatus.ENDED:
                shown.pop(number, None)
            else:
                shown[number] = one.mean[k], one.cov[k], int(one.time_ns[k])


def nees(shown, truth, when):
    """Give NEES (six dimensions) of each track of this moment, against the nearest target."""
    out = []
    for mean, cov, at in shown.values():
        if at == when:
            near = truth[np.argmin(np.linalg.norm(truth[:, :3] - mean[:3], axis=1))]
            out.append((mean - near) @ np.linalg.solve(cov, mean - near))
    return out
