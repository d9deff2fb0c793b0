"""Hand the stranger's verifier out as one file that needs nothing of Steppewatch."""

import re
from pathlib import Path

from steppewatch.engine import custody_stranger, custody_stranger_parts
from steppewatch.errors import EngineError


def stranger_file() -> str:
    """Give the text: the second half, with the first in the place where it is imported.

    Raises:
        EngineError: The sources are not there as files.
    """
    try:
        parts = Path(custody_stranger_parts.__file__).read_text("utf-8")
        rules = Path(custody_stranger.__file__).read_text("utf-8")
    except OSError as error:
        raise EngineError(f"the verifier's sources cannot be read ({error})") from error
    body = parts.split('"""', 2)[2].strip()
    pattern = r"from steppewatch\.engine\.custody_stranger_parts import \([^)]*\)\n"
    return re.sub(pattern, lambda _: body + "\n\n", rules)
