"""Text files as commands read and write them."""

from pathlib import Path

from steppewatch.errors import EngineError


def text_of(path: Path, what: str) -> str:
    """Read a text file.

    Raises:
        EngineError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"cannot read {path} ({error}): expected {what}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all; raises as ``whole_file``."""
    from steppewatch.engine.whole_file import whole_file

    with whole_file(path) as stream:
        stream.write(text.encode())
