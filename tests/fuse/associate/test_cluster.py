import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from steppewatch.fuse.associate.cluster import clusters
from steppewatch.fuse.associate.gnn import starts


def test_clusters_are_scipys_connected_components():
    rng = np.random.default_rng(3)
    n, p = 200, 150
    for k in (0, 1, 40, 150, 400):
        pairs = np.unique(np.stack((rng.integers(0, n, k), rng.integers(0, p, k)), 1), axis=0)
        track, plot = pairs[:, 0], pairs[:, 1]
        found = clusters(starts(track, n), plot, p)
        graph = coo_array((np.ones(len(track)), (track, n + plot)), shape=(n + p, n + p))
        _, label = connected_components(graph, directed=False)
        expected = {}
        for j in np.unique(track):
            expected.setdefault(label[j], []).append(j)
        parts = [part.tolist() for part in np.split(found.rows, found.first[1:-1])][
            : len(found.plots)
        ]
        assert parts == sorted(expected.values())
        for part, plots, count in zip(parts, found.plots, found.pairs, strict=True):
            inside = np.isin(track, part)
            assert (len(np.unique(plot[inside])), inside.sum()) == (plots, count)


def test_a_part_of_the_clusters_keeps_their_tracks():
    start, plot = np.array([0, 1, 3, 4, 5]), np.array([0, 1, 2, 2, 0])
    found = clusters(start, plot, 3)
    assert found.tracks.tolist() == [2, 2]
    part = found.part(np.array([False, True]))
    assert part.rows.tolist() == [1, 2]
    assert part.first.tolist() == [0, 2]
    assert part.plots.tolist() == [2]
