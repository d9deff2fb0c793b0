"""Every joint event of a small cluster, by brute force: what association is measured against."""

import itertools

import numpy as np

from steppewatch.fuse.associate.gnn import starts


def joint_events(weight):
    """Yield each feasible event and its unnormalised probability.

    ``weight (n, p)``: of each pair against "missed, and clutter"; 0 means outside the gate. An
    event gives each track a plot or −1.
    """
    n = len(weight)
    choices = [[-1, *np.flatnonzero(weight[j] > 0.0).tolist()] for j in range(n)]
    for event in itertools.product(*choices):
        taken = [i for i in event if i >= 0]
        if len(set(taken)) == len(taken):
            yield event, float(np.prod([weight[j, i] for j, i in enumerate(event) if i >= 0]))


def exact_marginals(weight):
    """Give P(track j made plot i) ``(n, p)``."""
    out, total = np.zeros(weight.shape), 0.0
    for event, chance in joint_events(weight):
        total += chance
        for j, i in enumerate(event):
            if i >= 0:
                out[j, i] += chance
    return out / total


def sparse(weight):
    """Give ``start``, ``plot`` and ln of the weights of a dense table."""
    track, plot = np.nonzero(weight)
    return starts(track, len(weight)), plot, np.log(weight[track, plot])
