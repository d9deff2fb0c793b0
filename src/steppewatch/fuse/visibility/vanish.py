"""Hidden or gone? What a row of misses says where a track is only partly in sight.

A sensor may see a target in some of the places where it may be, and not in others: half of its
doubt lies behind a hill, or its range rate may lie in the notch. Misses in a row are then no
independent evidence. The first one moves the track, in our mind, to where it cannot be seen, and
further ones say little. So each track has, per sensor, a probability of being *in sight*: a miss
lowers it by Bayes' rule, time and a new look at the map bring it back, a hit proves it. This is
the visibility state of VIMMJIPDA (Brekke, Hem & Tokle 2021, IEEE Trans. Aerosp. Electron. Syst.
57(6)), with the map's share in the place of fixed transition probabilities.

In the open the share is 1, and every miss counts in full: what should be seen and is not dies
quickly.
"""

import math

from steppewatch.jit import kernel

BACK_AFTER = 45.0  # [s]; misses are forgotten by and by, as targets and models move
OPEN = 0.8  # from this share of the nominal probability on, a place counts as open
LEAST = 1e-9
DARKEST = -12.0


@kernel
def share_of(chance: float, usual: float) -> float:
    """Give the part of a track's possible places where a sensor sees it as usual.

    Args:
        chance: Probability of detection at the next look, averaged over the doubt.
        usual: The sensor's nominal one.
    """
    return min(chance / (OPEN * usual), 1.0)


@kernel
def in_sight(share: float, shade: float, since: float) -> float:
    """Give the probability that a track is in sight at a sensor's next look.

    Args:
        share: From :func:`share_of`, what the map says.
        shade: ln of the factor that misses left on the odds, from :func:`after_miss`.
        since: Time since the last look [s].
    """
    if shade == 0.0:
        return share
    seen = share * math.exp(shade * math.exp(-max(since, 0.0) / BACK_AFTER))
    return seen / max(seen + (1.0 - share), LEAST)


@kernel
def after_miss(seen: float, chance: float, share: float) -> float:
    """Give ln of the factor that a miss leaves on the odds of being in sight.

    Args:
        seen: From :func:`in_sight`.
        chance: Probability that the look finds the target: ``seen`` times that of a target in
            sight.
        share: What the map said at that look.
    """
    # In the open the odds are infinite, and a miss says nothing about where the target is.
    if share >= 1.0:
        return 0.0
    odds = max(seen - chance, LEAST) / max(1.0 - seen, LEAST)
    by_map = max(share, LEAST) / max(1.0 - share, LEAST)
    return min(max(math.log(odds / by_map), DARKEST), 0.0)
