"""A small border with two agreements, three partners and three sensors, for tests of release."""

from dataclasses import replace

import numpy as np

from steppewatch.custody.agreement import Agreement, Area, Deadlines, Interval, ReleaseRule
from steppewatch.custody.label import Label, own
from steppewatch.custody.label import sources as feeding
from steppewatch.custody.policy.decide import rules_of
from steppewatch.custody.policy.question import AgreementFacts, Known, OrgFacts
from steppewatch.custody.release.point import ReleasePoint
from steppewatch.custody.release.situation import Partner, Situation
from steppewatch.records import Origin, TargetClass, TrackBatch, TrackStatus
from steppewatch.world.geodesy import ecef_from_geodetic

NS = 1_000_000_000
T0 = 1_800_000_000 * NS
LAT, LON = np.radians(47.0), np.radians(106.0)
BOX = np.radians([[46.0, 105.0], [46.0, 107.0], [48.0, 107.0], [48.0, 105.0]])
FAR = np.radians([[10.0, 10.0], [10.0, 11.0], [11.0, 11.0], [11.0, 10.0]])


def agreement(name, origin, recipient, *releases, areas=()):
    return Agreement(
        id=name, title=name, origin=origin, recipient=recipient, source="invented",
        interval=Interval(), organisations=(), projects=(), arrangements=(), clauses=(),
        releases=releases, areas=areas, needed={}, deadlines=Deadlines(), text="",
    )  # fmt: skip


def rule(name="r1", **changes):
    return ReleaseRule(**{
        "id": name, "to": ("jp-mod",), "purposes": ("border",), "level_max": 1,
        "precision_m": 1000, "delay_s": 60, "keep_s": 3600, **changes,
    })  # fmt: skip


OWN = agreement(
    "mn-own", "MN", "MN", rule("o1", to=("jp-mod", "cn-rescue"), precision_m=0, delay_s=0),
    areas=(Area(id="box", corners=BOX), Area(id="far", corners=FAR)),
)  # fmt: skip
JOINT = agreement("jp-mn", "JP", "MN", rule())
LABELS = {
    "mn-radar": own("MN", "mn-bgd", ["jp-mod", "cn-rescue"], ["border"]),
    "jp-radar": Label(
        originators=("jp-mod",), terms=("jp-mn",), releasable=("jp-mod",), purposes=("border",)
    ),
}
ORGS = {
    "jp-mod": OrgFacts(id="jp-mod", nation="JP"),
    "cn-rescue": OrgFacts(id="cn-rescue", nation="CN"),
    "mn-bgd": OrgFacts(id="mn-bgd", nation="MN"),
}
PARTNERS = {
    "tokyo": Partner(name="tokyo", org=ORGS["jp-mod"], purpose="border"),
    "rescue": Partner(name="rescue", org=ORGS["cn-rescue"], purpose="border"),
}


def situation(version=1, agreements=(OWN, JOINT), **changes):
    told = Situation(
        version=version,
        agreements={each.id: each for each in agreements},
        rules=rules_of(agreements),
        known=Known(
            orgs=ORGS,
            agreements={
                a.id: AgreementFacts(id=a.id, origin=a.origin, recipient=a.recipient)
                for a in agreements
            },
        ),
        labels=LABELS,
        partners=PARTNERS,
    )
    return replace(told, **changes)


def tracks(seen, ids=None, *, when=T0, lat=LAT, lon=LON, status=TrackStatus.CONFIRMED, **more):
    """Make own tracks at one place, each seen by the sensors that ``seen`` names."""
    n = len(seen)
    names = tuple(sorted({name for row in seen for name in row}))
    mean = np.zeros((n, 6))
    mean[:, :3] = ecef_from_geodetic(np.full(n, lat), np.full(n, lon), np.full(n, 1400.0))
    mean[:, 3] = 12.0
    return TrackBatch(
        time_ns=np.full(n, when, np.int64),
        id=np.arange(1, n + 1) if ids is None else np.array(ids, np.int64),
        mean=mean,
        cov=np.broadcast_to(np.eye(6) * 25.0, (n, 6, 6)),
        status=np.full(n, status, np.uint8),
        existence=np.ones(n, np.float32),
        target=np.full(n, TargetClass.VEHICLE, np.uint8),
        born_ns=np.full(n, when, np.int64),
        seen_ns=np.full(n, when, np.int64),
        hits=np.ones(n, np.uint32),
        mode_s=np.zeros(n, np.uint32),
        mode_3a=np.full(n, -1, np.int32),
        callsign=np.zeros(n, "S8"),
        sensors=names,
        seen_by=np.array([[name in row for name in names] for row in seen], bool).reshape(
            n, len(names)
        ),
        **{"origin": Origin(feed="fuse"), **more},
    )


class Watch:
    """A release point that hears tracks and remembers their sources, as the node does."""

    def __init__(self, told=None, settings=None):
        self.point = ReleasePoint(told or situation())
        self.settings = settings or feeding.Settings()
        self.memory = feeding.State()

    def hear(self, batch, now_ns=T0):
        self.memory, sources = feeding.take(self.memory, batch, self.settings, now_ns)
        return {one.partner.name: one for one in self.point.hear(batch, sources, now_ns)}

    def due(self, now_ns):
        return {one.partner.name: one for one in self.point.due(now_ns)}


def ids(one):
    """Give the ids that a partner is shown."""
    return [] if one.shown is None else sorted(one.shown.id.tolist())
