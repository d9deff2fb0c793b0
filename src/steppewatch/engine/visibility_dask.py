"""Run the visibility farm on a Dask cluster: the same pieces, the same answers (extra ``dask``)."""

from collections.abc import Iterator, Sequence

from steppewatch.engine.visibility_farm import Run
from steppewatch.engine.visibility_work import Answer, Piece, work
from steppewatch.errors import EngineError


def on_dask(address: str) -> Run:
    """Run the pieces on a cluster.

    Its workers need Steppewatch and the terrain under the same path, and nothing else: the store
    stays here.

    Args:
        address: Of the scheduler, such as ``tcp://host:8786``.

    Raises:
        EngineError: The extra is missing, or nobody answers at the address.
    """
    try:
        from distributed import Client, as_completed  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise EngineError(
            "the cluster needs Dask: install it with pip install 'steppewatch[dask]'"
        ) from error
    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(
            f"no Dask scheduler answers at {address} ({error}): expected tcp://host:port"
        ) from error

    def run(pieces: Sequence[Piece]) -> Iterator[Answer]:
        with client:
            waiting = client.map(work, pieces, pure=False)
            for future in as_completed(waiting):  # type: ignore[no-untyped-call]
                yield future.result()
                future.release()

    return run
