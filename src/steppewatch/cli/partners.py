"""Whose tracks are joined with ours: the options that name a partner, and what follows of them.

Nothing is joined unless a person names the partner's feed; agreements of custody will say here what
may be.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from steppewatch.engine.bus import Listener
from steppewatch.fuse.remote import JointSettings, Partner
from steppewatch.records import TrackBatch

F = TypeVar("F", bound=Callable[..., Any])

FORM = re.compile(r"(?P<name>[\w .-]{1,32})=asterix:(?P<sac>\d{1,3})/(?P<sic>\d{1,3})")
EXPECTED = "NAME=asterix:SAC/SIC, such as tower=asterix:25/100"
LARGEST = 255


class PartnerFeed(click.ParamType[Partner]):
    """Read ``NAME=asterix:SAC/SIC``: the system tracks (CAT 062) of one partner."""

    name = "NAME=asterix:SAC/SIC"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Partner:
        """Parse and check the limits."""
        if isinstance(value, Partner):
            return value
        found = FORM.fullmatch(str(value))
        if found is None or max(int(found["sac"]), int(found["sic"])) > LARGEST:
            self.fail(f"{value!r} names no partner: expected {EXPECTED}", param, ctx)
        sensor = f"sdps-{int(found['sac'])}-{int(found['sic'])}"
        return Partner(name=found["name"], feed="asterix", sensor=sensor)


def partner_options(command: F) -> F:
    """Add the options that say whose tracks are joined."""
    for option in (
        click.option(
            "--node",
            default="own",
            show_default=True,
            help="Name of this node, by which partners know it.",
        ),
        click.option(
            "--partner",
            "partners",
            type=PartnerFeed(),
            metavar="NAME=asterix:SAC/SIC",
            multiple=True,
            help="Join this partner's system tracks (CAT 062) with ours: one track for each "
            "thing. Repeatable; without it they are shown beside ours.",
        ),
    ):
        command = option(command)
    return command


def joint_settings(node: str, partners: Sequence[Partner]) -> JointSettings | None:
    """Say how tracks are joined; None where no partner is named."""
    return JointSettings(node=node, partners=tuple(partners)) if partners else None


def joined_only(listener: Listener, joint: JointSettings) -> Listener:
    """Keep from a listener what is in the joint picture already: our tracks and the partners'."""
    joined = {(partner.feed, partner.sensor) for partner in joint.partners}

    def is_joined(message: object) -> bool:
        if not isinstance(message, TrackBatch):
            return False
        origin = message.origin
        return origin.feed == joint.own_feed or (origin.feed, origin.sensor) in joined

    def listen(messages: Sequence[object], now_ns: int) -> None:
        listener([message for message in messages if not is_joined(message)], now_ns)

    return listen
