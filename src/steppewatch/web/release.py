"""The release as an operator sees it: who would be shown what, why not, and a stop for one link."""

from collections import Counter
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from steppewatch.custody.release.decisions import ALLOWED, read
from steppewatch.custody.release.payloads import line
from steppewatch.engine.custody_egress import Egress
from steppewatch.web.api import answer


class Releases:
    """Answer ``/api/v1/release/…`` (docs/release.md) from the egress.

    Args:
        egress: What releases; None: this node sends to no partner, and says so.
    """

    def __init__(self, egress: Egress | None = None) -> None:
        self._known = egress

    @property
    def _egress(self) -> Egress:
        if self._known is None:
            raise HTTPException(404, "this node sends to no partner: start a run with --to")
        return self._known

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/api/v1/release/partners", self.partners),
            Route("/api/v1/release/preview", self.preview),
            Route("/api/v1/release/partners/{name}/pause", self.pause, methods=["POST"]),
            Route("/api/v1/release/partners/{name}/resume", self.resume, methods=["POST"]),
        ]

    async def partners(self, _: Request) -> Response:
        """List the partners, and how their links are."""
        if self._known is None:
            return answer({"version": 0, "partners": [], "unchecked": 0, "failures": 0,
                           "trouble": ""})  # fmt: skip
        situation = self._egress.point.situation
        rows = []
        for name, partner in situation.partners.items():
            link = self._egress.door.links.get(name)
            rows.append({
                "name": name,
                "org": partner.org.id,
                "nation": partner.org.nation,
                "purpose": partner.purpose,
                "stopped": partner.stopped,
                "form": "" if link is None else link.address.form,
                "paused": link is not None and link.paused,
                "sent": 0 if link is None else link.sent,
                "lost": 0 if link is None else link.lost,
                "withdrawn": 0 if link is None else link.withdrawn,
                "trouble": "" if link is None else link.trouble,
            })  # fmt: skip
        said: dict[str, Any] = {"version": situation.version, "partners": rows}
        said["unchecked"] = self._egress.door.unchecked
        said["failures"] = self._egress.failures
        said["trouble"] = self._egress.trouble
        return answer(said)

    async def preview(self, request: Request) -> Response:
        """Show what a partner would see of the latest tracks, and why the rest is withheld."""
        to = request.query_params.get("to", "")
        if to not in self._egress.point.situation.partners:
            raise HTTPException(404, f"no partner {to[:60]!r}: GET /api/v1/release/partners")
        if self._egress.last is None:
            return answer({"to": to, "now_ns": 0, "shown": [], "withheld": [], "reasons": {}})
        batch, sources = self._egress.last
        now_ns = int(batch.time_ns.max())
        with self._egress.deciding:
            seen = self._egress.point.look(batch, sources, to, now_ns)
        shown = seen.shown
        told = [read(one.data) for one in seen.recorded]
        withheld = [
            {"track": number, "why": list(one["why"])}
            for one in told if one["verdict"] != ALLOWED for _, number in one["tracks"]
        ]  # fmt: skip
        counts = Counter(why for one in withheld for why in one["why"])
        return answer({
            "to": to,
            "now_ns": now_ns,
            "shown": [] if shown is None else [
                line(shown, k, int(shown.id[k])) for k in range(len(shown))
            ],
            "withheld": withheld,
            "reasons": dict(counts),
        })  # fmt: skip

    async def pause(self, request: Request) -> Response:
        """Stop one partner's link at once."""
        return self._set(request, paused=True)

    async def resume(self, request: Request) -> Response:
        """Let one partner's link go on."""
        return self._set(request, paused=False)

    def _set(self, request: Request, *, paused: bool) -> Response:
        name = request.path_params["name"]
        link = self._egress.door.links.get(name)
        if link is None:
            raise HTTPException(404, f"no link {name[:60]!r}: GET /api/v1/release/partners")
        link.paused = paused
        return answer({"name": name, "paused": paused})
