"""The one error family of the house: a root, and one child for each room.

A message says what was, what should be, and what to do. No foreign exception leaves a room:
it is caught at the room's edge and raised again as that room's error, ``from`` the original.
"""


class SteppewatchError(Exception):
    """Stand at the root of every error that Steppewatch raises on purpose."""


class WorldError(SteppewatchError):
    """Report terrain, border or geodesy input that cannot be used."""


class RecordError(SteppewatchError):
    """Report a record or its binary form that breaks the rules of ``docs/records.md``."""


class SenseError(SteppewatchError):
    """Report a sensor description that no real sensor could have."""


class FuseError(SteppewatchError):
    """Report tracker settings or measurements that cannot be used."""


class PlanError(SteppewatchError):
    """Report a plan or scenario that cannot be carried out as written."""


class CustodyError(SteppewatchError):
    """Report an agreement, act, label, consent or proof that breaks the rules."""


class WireError(SteppewatchError):
    """Report bytes from outside that break their format; counted, logged once, dropped."""


class EngineError(SteppewatchError):
    """Report a link, store, configuration or clock that does not work."""


class StoreFullError(EngineError):
    """Report that the disk refuses more data; the picture goes on, storing stops loudly."""


class WebError(SteppewatchError):
    """Report a web server that cannot start or a request that cannot be served."""
