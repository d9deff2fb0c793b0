"""Answer ``/api/v1/custody``: reading is free to who may see this page, acts come signed.

The server holds nobody's key. An act arrives as the bytes that a person signed; the office takes
it or says why not.
"""

import asyncio
import hashlib
import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from steppewatch.custody.ledger import read_statement
from steppewatch.errors import CustodyError, SteppewatchError
from steppewatch.web.api import answer
from steppewatch.web.custody.shown import case_line, case_whole, plain, queues, state

LARGEST_ACT = (1 << 20) + 4096  # [byte]
LARGEST_PHOTO = 8 << 20  # [byte]
PICTURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/webp": b"RIFF"}
LONGEST_CODE = 600
COSE = "application/cose"


class Receipt(Protocol):
    """Know where a statement stands."""

    @property
    def position(self) -> int:
        """Give its place in the ledger."""
        ...

    @property
    def leaf(self) -> bytes:
        """Give its leaf hash (32 byte)."""
        ...


class Office(Protocol):
    """Know this much of the custody office."""

    @property
    def register(self) -> Any:
        """Give the fold of the ledger; read it inside :meth:`reading`."""
        ...

    @property
    def ledger(self) -> Any:
        """Give the ledger: its size, root, entries and inclusion proofs."""
        ...

    def reading(self) -> AbstractContextManager[Any]:
        """Hold the register still."""
        ...

    def submit(self, statement: bytes) -> Receipt:
        """Take a statement, or raise :class:`CustodyError` with why not."""
        ...

    def due(self) -> Sequence[Any]:
        """List the clocks: what is late or falls due soon."""
        ...

    def now_ns(self) -> int:
        """Tell the time [ns UTC]."""
        ...


class Custody:
    """Answer ``/api/v1/custody`` and what lies below it.

    Args:
        office: The custody office; None answers 404 with the reason.
        photos: Folder for photographs of items; None takes none.
        alone: The node shows nothing but custody: its front page is custody's.
    """

    def __init__(
        self, office: Office | None = None, photos: Path | None = None, *, alone: bool = False
    ) -> None:
        self._office, self._photos, self._alone = office, photos, alone

    def routes(self) -> list[Route]:
        """List the routes."""
        top = "/api/v1/custody"
        return [
            Route(f"{top}/state", self.state),
            Route(f"{top}/cases", self.cases),
            Route(f"{top}/cases/{{case:path}}", self.case),
            Route(f"{top}/items/{{uid:path}}", self.item),
            Route(f"{top}/ledger/{{position:int}}", self.statement),
            Route(f"{top}/acts", self.acts, methods=["POST"]),
            Route(f"{top}/photos", self.photos, methods=["POST"]),
            Route(f"{top}/code", self.code),
        ]

    def front(self) -> list[Route]:
        """Lead who asks for the address alone to custody, where there is nothing else."""
        return [Route("/", self._lead)] if self._alone else []

    async def _lead(self, _: Request) -> Response:
        return RedirectResponse("./custody.html", 307)

    async def state(self, request: Request) -> Response:
        """Tell who, what and where, and how far the ledger is witnessed.

        Who knows the ledger at its present size (``?known=SIZE``) is told the clocks alone.
        """
        office, known = self._at_work(), request.query_params.get("known")

        def read() -> dict[str, Any]:
            with office.reading():
                register, ledger = office.register, office.ledger
                clocks = office.due()
                same = known == str(ledger.size)
                told = {"clocks": plain(clocks)} if same else state(register, clocks)
                told["ledger"] = {
                    "size": ledger.size,
                    "root": ledger.root().hex(),
                    "witnessed": plain(register.witnessed),
                    "witnesses": sorted(register.witnesses),
                    "quorum": register.quorum,
                    "log": register.log,
                    "nation": register.nation,
                }
                told["now_ns"] = office.now_ns()
                return told

        return await _told(read)

    async def cases(self, _: Request) -> Response:
        """List the cases, and what waits for whom."""
        office = self._at_work()

        def read() -> dict[str, Any]:
            with office.reading():
                board, persons = office.register.cases, office.register.persons
                return {
                    "cases": [case_line(one) for one in board],
                    "queues": queues(board, persons.values()),
                    "now_ns": office.now_ns(),
                }

        return await _told(read)

    async def case(self, request: Request) -> Response:
        """Tell everything about one case."""
        office, name = self._at_work(), request.path_params["case"]

        def read() -> dict[str, Any]:
            with office.reading():
                found = office.register.cases.get(name)
                if found is None:
                    raise HTTPException(404, f"no case {name[:80]!r}: GET …/cases lists them")
                return {**case_whole(found), "now_ns": office.now_ns()}

        return await _told(read)

    async def item(self, request: Request) -> Response:
        """Tell everything about one item."""
        office, uid = self._at_work(), request.path_params["uid"]

        def read() -> dict[str, Any]:
            with office.reading():
                found = office.register.items.get(uid)
                if found is None:
                    raise HTTPException(404, f"no item {uid[:80]!r}: GET …/state lists them")
                return {"key": uid, **plain(found)}

        return await _told(read)

    async def statement(self, request: Request) -> Response:
        """Tell one statement of the ledger: what was signed, and the way to the root."""
        office, position = self._at_work(), request.path_params["position"]

        def read() -> dict[str, Any]:
            ledger = office.ledger
            size = ledger.size
            if not 0 <= position < size:
                raise HTTPException(404, f"no position {position}: the ledger has {size}")
            _, data = next(iter(ledger.entries(position, position + 1)))
            told = read_statement(data)
            return {
                "position": position,
                "leaf": told.leaf.hex(),
                "kid": told.kid.hex(),
                "act": plain(told.act),
                "statement": data.hex(),
                "size": size,
                "root": ledger.root(size).hex(),
                "path": [step.hex() for step in ledger.inclusion(position, size)],
            }

        def still() -> dict[str, Any]:
            with office.reading():
                return read()

        return await _told(still)

    async def acts(self, request: Request) -> Response:
        """Take one signed act."""
        office = self._at_work()
        data = await _body(request, (COSE,), LARGEST_ACT)
        try:
            receipt = await asyncio.to_thread(office.submit, data)
        except CustodyError as error:
            return answer({"refused": str(error).split("; ")}, 422)
        except SteppewatchError as error:
            raise HTTPException(503, f"not stored: {error}") from error
        return answer({"position": receipt.position, "leaf": receipt.leaf.hex()})

    async def photos(self, request: Request) -> Response:
        """Keep a photograph under its hash; the act that names the hash makes it count."""
        folder = self._photos
        if folder is None:
            raise HTTPException(403, "no photographs are kept here: start with --photos FOLDER")
        data = await _body(request, tuple(PICTURES), LARGEST_PHOTO)
        if not any(data.startswith(start) for start in PICTURES.values()):
            raise HTTPException(415, "these bytes are no JPEG, PNG or WebP picture")
        name = hashlib.sha256(data).hexdigest()
        try:
            await asyncio.to_thread(_keep, folder, name, data)
        except OSError as error:
            raise HTTPException(503, f"the photograph was not stored: {error.strerror}") from error
        return answer({"sha256": name})

    async def code(self, request: Request) -> Response:
        """Draw a text as a QR code, for a phone to read from the screen."""
        text = request.query_params.get("text", "")
        if not 0 < len(text) <= LONGEST_CODE:
            raise HTTPException(400, f"text is 1 to {LONGEST_CODE} characters")
        drawn = io.BytesIO()
        segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=2, light="white")
        return Response(drawn.getvalue(), media_type="image/svg+xml")

    def _at_work(self) -> Office:
        if self._office is None:
            raise HTTPException(404, "this node keeps no custody: steppewatch custody serve LEDGER")
        return self._office


async def _told(read: Any) -> Response:
    return answer(await asyncio.to_thread(read))


async def _body(request: Request, kinds: tuple[str, ...], largest: int) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise HTTPException(415, f"content type is {kind[:60]!r}, expected {' or '.join(kinds)}")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"the body is longer than {largest} bytes")
    return body


def _keep(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / name
    if not whole.exists():
        part = folder / f"{name}.part"
        part.write_bytes(data)
        part.replace(whole)
