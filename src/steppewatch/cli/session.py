"""One run of the watch, put together: terrain, stages, store, node, web picture.

``rehearse``, ``replay`` and ``listen`` differ in their source and their edge stages; all else is
here, once.
"""

import contextlib
import hashlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steppewatch import __version__
from steppewatch.cli.partners import joined_only
from steppewatch.command import rules
from steppewatch.custody.label import sources
from steppewatch.engine.bus import Bus, Listener
from steppewatch.engine.chain import Chain
from steppewatch.engine.clock import Clock
from steppewatch.engine.custody_egress import Egress
from steppewatch.engine.custody_hold import Hold
from steppewatch.engine.home import home
from steppewatch.engine.node import Node, NodeState
from steppewatch.engine.source import Source
from steppewatch.engine.store import Store
from steppewatch.fuse import TrackerSettings, remote
from steppewatch.fuse import stage as fuse_stage
from steppewatch.fuse.settings_text import differing
from steppewatch.fuse.visibility import Sight
from steppewatch.records import Stage
from steppewatch.web import Custody, Hub, PictureInfo, check_address, serve
from steppewatch.web.release import Releases
from steppewatch.world.border import Border
from steppewatch.world.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Hold what every run may be told.

    Attributes:
        rate: Clock rate; None for as fast as possible.
        host: Address to serve the picture on.
        port: Port; 0 for any free one.
        headless: No picture, only the summary.
        store: The store's file; None for the usual place.
        fresh: Begin anew even if a stored run could go on.
        tracker: The tracker's settings.
    """

    rate: float | None
    host: str
    port: int
    headless: bool
    store: Path | None
    fresh: bool
    tracker: TrackerSettings = field(default_factory=TrackerSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Say what is to be run.

    Attributes:
        mode: ``rehearsal``, ``replay`` or ``live``.
        title: What the operator reads above the map.
        source_id: Names the input exactly; a store belongs to one input.
        source: Where ticks come from.
        edge: Stages that face the world.
        terrain: Elevation.
        border: The border lines.
        home: Latitude, longitude [deg] and map zoom of the first view; None fits the sensors.
        foreign: Name of the tracker whose tracks come with the feed; ``""`` for none.
        clock: The pace; stopped by a signal.
        resume: A cleanly ended stored run is continued, too (live feeds).
        listeners: Further listeners on the bus; they hear a stored run from its beginning.
        sight: What each sensor can see where; nominal coverage, without terrain, where None.
        joint: Whose tracks are joined with ours into one picture; None for nobody's.
        custody: The ledger under which it runs: what may go to partners, what people did.
    """

    mode: str
    title: str
    source_id: str
    source: Source
    edge: Sequence[Stage[Any]]
    terrain: Terrain
    border: Border
    home: tuple[float, float, float] | None
    clock: Clock
    foreign: str = ""
    resume: bool = False
    listeners: Sequence[Listener] = field(default_factory=tuple)
    sight: Sight | None = None
    joint: remote.JointSettings | None = None
    custody: Hold | None = None


def say(text: str = "") -> None:
    """Print one line at once."""
    print(text, flush=True)


def carry_out(run: Run, options: Options) -> None:
    """Run until the source ends or a person stops it."""
    with contextlib.ExitStack() as stack:
        if not options.headless:
            check_address(options.host, options.port)
        store, note = stack.enter_context(_opened_store(run, options))
        bus = Bus()
        for listener in run.listeners:
            bus.subscribe(_caught_up(listener, store))
        if run.custody is not None:
            bus.subscribe(run.custody.listen)
        say(f"Steppewatch {__version__} · {run.mode.upper()} · {run.title}")
        terrain = run.terrain.describe()
        say(f"terrain   {terrain.label}")
        for warning in terrain.notes:
            say(f"          {warning}")
        if run.sight is None:
            say("          no measured heights: the tracker takes nothing to be hidden by terrain")
        own = differing(options.tracker)
        if own:
            say("tracker   " + ", ".join(f"{name} {value}" for name, value in own.items()))
        if run.joint is not None:
            names = ", ".join(partner.name for partner in run.joint.partners)
            say(f"joined    our tracks ({run.joint.node}) with those of {names}")
        say(f"store     {store.path} ({note})")
        chain = Chain(run.edge, _core(run, options))
        node = Node(source=run.source, chain=chain, store=store, bus=bus, clock=run.clock)
        _stop_on_signals(run.clock)
        if options.headless:
            node.run()
        else:
            _with_picture(run, options, node, bus)
        if not run.resume:
            store.end()


def _egress(run: Run) -> Egress | None:
    return None if run.custody is None else run.custody.egress


def _core(run: Run, options: Options) -> list[Stage[Any]]:
    """Put together tracker and rules; between them, where partners are named, the joint picture."""
    fuse = fuse_stage(options.tracker, run.sight)
    heights = run.terrain.heights
    feeding = [] if _egress(run) is None else [sources.stage(_sources_of(run.joint))]
    if run.joint is None:
        return [fuse, *feeding, rules.stage(run.border, heights=heights)]
    judged = rules.Settings(feeds=frozenset({remote.FEED}))
    joint = remote.stage(run.joint)
    return [fuse, joint, *feeding, rules.stage(run.border, judged, heights)]


def _sources_of(joint: remote.JointSettings | None) -> sources.Settings:
    """Say for which source each joined tracker stands."""
    if joint is None:
        return sources.Settings()
    partners = {partner.name: partner.sensor for partner in joint.partners}
    return sources.Settings(own_feed=joint.own_feed, trackers={joint.node: "", **partners})


def _caught_up(listener: Listener, store: Store) -> Listener:
    """Tell a listener all that a stored run said, tick by tick, and then only what is new."""
    head = store.head()
    if head is None:
        return listener
    for now_ns, messages in store.history():
        listener(messages, now_ns)
    stood_ns = head.now_ns

    def listen(messages: Sequence[object], now_ns: int) -> None:
        if now_ns > stood_ns:  # what seeds the picture was heard already
            listener(messages, now_ns)

    return listen


def _with_picture(run: Run, options: Options, node: Node, bus: Bus) -> None:
    joint = run.joint
    trackers = () if joint is None else (joint.node, *(each.name for each in joint.partners))
    info = PictureInfo(
        title=run.title, mode=run.mode, home=run.home, foreign=run.foreign, trackers=trackers
    )
    hub = Hub(info, run.terrain, run.border, on_command=node.order)
    office = None if run.custody is None else run.custody.office
    server = serve(
        hub,
        options.host,
        options.port,
        custody=Custody(office),
        releases=Releases(_egress(run)),
    )
    bus.subscribe(hub.publish if joint is None else joined_only(hub.publish, joint))
    node.on_state = _teller(hub)
    try:
        say("picture   open this address in a browser; Ctrl-C ends the run")
        say(server.address)
        node.run()
        if not run.clock.stopped:
            say("the source has ended; the picture stays until Ctrl-C")
            node.linger()
    finally:
        server.stop()


def _teller(hub: Hub) -> Callable[[NodeState], None]:
    def tell(state: NodeState) -> None:
        hub.node_state(
            now_ns=state.now_ns,
            recording=state.recording,
            warning=state.warning,
            lag_ms=state.lag * 1e3,
            rate=state.rate,
            stored=state.stored,
            ended=state.ended,
        )

    return tell


@contextlib.contextmanager
def _opened_store(run: Run, options: Options) -> Iterator[tuple[Store, str]]:
    """Open the run's store: one that can go on goes on, a finished one is set aside."""
    # What other settings stored is another run: tracks go on only as they began.
    # So is what is joined with other partners.
    own: list[object] = [*sorted(differing(options.tracker).items())]
    own += [] if run.joint is None else [run.joint]
    own += [] if _egress(run) is None else ["sources"]
    digest = hashlib.sha256(repr(own).encode()).hexdigest()[:8] if own else ""
    source_id = f"{run.source_id}-{digest}" if own else run.source_id
    with contextlib.ExitStack() as stack:
        path = options.store
        if path is None and options.headless:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="steppewatch-"))
            path = Path(folder) / "run.db"
        elif path is None:
            path = home() / "runs" / f"{run.mode}-{source_id.rsplit(':', 1)[-1]}.db"
        aside = options.fresh and path.exists()
        store = Store(path, source_id, fresh=options.fresh)
        if store.ended and not run.resume:
            store.close()
            store, aside = Store(path, source_id, fresh=True), True
        stack.callback(store.close)
        head = store.head()
        note = f"new run; the last one is kept as {path.name}.old" if aside else "new run"
        if head is not None:
            note = f"going on after tick {head.tick}, {store.stored} messages; --fresh begins anew"
        yield store, note


def _stop_on_signals(clock: Clock) -> None:
    def stop(_number: int, _frame: object) -> None:
        if clock.stopped:
            sys.exit(130)
        clock.stop()
        # Not print(): the signal may have come in the middle of one.
        os.write(2, b"steppewatch: stopping after this step; again to stop at once\n")

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
