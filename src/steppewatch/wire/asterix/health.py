"""What is said of the health of senders and links."""

from dataclasses import replace
from math import isnan

from steppewatch.records import Health, SensorStatus
from steppewatch.wire.asterix.feed import Link, Settings, Source, State, origin
from steppewatch.wire.asterix.records import CATEGORIES

NS = 1_000_000_000
EVERY_NS = 5 * NS
# A radar is silent after three of its turns; one whose turn is not known, after 15 s.
SILENT_TURNS, SILENT_NS = 3.0, 15 * NS
# A share of unreadable messages above this degrades a sender.
BAD_SHARE = 0.02


def reports(settings: Settings, state: State, now_ns: int) -> list[object]:
    """Say each sender's and each bad link's status when it changes, and every five seconds."""
    said: list[object] = []
    for key, source in state.sources.items():
        links = [state.links[name] for name in source.links if name in state.links]
        health, reason = _grade(source, links, now_ns)
        verdict = f"{health.name} {reason}"
        if verdict == source.said and now_ns - source.said_ns < EVERY_NS:
            continue
        state.sources[key] = replace(source, said=verdict, said_ns=now_ns)
        said.append(
            SensorStatus(
                sensor=source.id,
                time_ns=now_ns,
                health=health,
                reason=reason,
                last_data_ns=source.last_ns,
                rotation_period=source.period,
                messages=source.messages,
                detections=source.detections,
                errors=sum(link.errors for link in links),
                origin=origin(settings, source.id),
            )
        )
    for name, link in state.links.items():
        verdict = _verdict(name, link)
        if verdict == link.said and (not verdict or now_ns - link.said_ns < EVERY_NS):
            continue
        state.links[name] = replace(link, said=verdict, said_ns=now_ns)
        sensor = f"link {name}"
        said.append(
            SensorStatus(
                sensor=sensor,
                time_ns=now_ns,
                health=Health.DEGRADED if verdict else Health.GOOD,
                reason=verdict,
                last_data_ns=link.last_ns,
                messages=link.messages,
                errors=link.errors,
                origin=origin(settings, sensor),
            )
        )
    return said


def _verdict(name: str, link: Link) -> str:
    """Say what is wrong with a link: ``""`` while nothing is."""
    if not link.fault:
        return ""
    category = CATEGORIES.get(int(name[-3:])) if name[-7:-3] == "CAT " else None
    if category is None:
        return "what comes is not ASTERIX: is another program sending to this address?"
    return (
        f"source configuration: CAT {category.number:03} cannot be read as edition "
        f"{category.edition}; nothing of it is used. Ask the sender for its edition"
    )


def _grade(source: Source, links: list[Link], now_ns: int) -> tuple[Health, str]:
    turns = source.period * SILENT_TURNS * NS
    if now_ns - source.last_ns > (SILENT_NS if isnan(turns) else max(SILENT_NS, turns)):
        return Health.SILENT, f"nothing heard for {(now_ns - source.last_ns) // NS} s"
    if "must not be used" in source.trouble:
        return Health.OFF, source.trouble
    reasons = [source.trouble] if source.trouble else []
    if source.clock_ns:
        off = -source.clock_ns / NS
        way = "ahead of" if off > 0 else "behind"
        reasons.append(f"its clock is {abs(off):.0f} s {way} the time of reception; corrected")
    failing = [link for link in links if link.failed > BAD_SHARE * (link.good + link.failed)]
    if failing:
        errors = sum(link.errors for link in failing)
        reasons.append(f"{errors} messages of its link could not be read")
    if source.dropped:
        reasons.append(f"{source.dropped} tracks without a WGS 84 position left out")
    return (Health.DEGRADED, "; ".join(reasons)) if reasons else (Health.GOOD, "")
