"""ASTERIX, the format of European surveillance data: radar plots, service messages, tracks."""

from steppewatch.wire.asterix.blocks import blocks, cut, packets_from_raw
from steppewatch.wire.asterix.feed import Settings
from steppewatch.wire.asterix.records import records
from steppewatch.wire.asterix.stage import stage

__all__ = ["Settings", "blocks", "cut", "packets_from_raw", "records", "stage"]
