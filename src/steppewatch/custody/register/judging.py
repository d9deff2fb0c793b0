"""The two halves of every kind of act: judged, and let take effect."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from steppewatch.custody.acts import Act
from steppewatch.custody.register.records import Person

if TYPE_CHECKING:
    from steppewatch.custody.register.register import Register

Judge = Callable[["Register", Act, Person], str | None]
Effect = Callable[["Register", int, bytes, Act, Person], None]
