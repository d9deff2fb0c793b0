"""Who made which plot: from gated pairs to a decision, cheap where alone, careful where crowded."""

from steppewatch.fuse.associate.choose import decide
from steppewatch.fuse.associate.decision import Decision, Method
from steppewatch.fuse.associate.gnn import assign, pair_cost
from steppewatch.fuse.associate.later import reconsider
from steppewatch.fuse.associate.mht import Look

__all__ = ["Decision", "Look", "Method", "assign", "decide", "pair_cost", "reconsider"]
