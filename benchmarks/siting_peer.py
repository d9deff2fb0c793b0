"""Solve covering problems with spopt and print value and CPU time; started by bench_siting.

    python siting_peer.py PROBLEM.npz SOLVER

Runs under an interpreter that has the peer alone, so it imports nothing of ours. SOLVER is ``cbc``
(the one that spopt's own pages use) or ``highs``.
"""

import json
import resource
import sys

import numpy as np
import pulp
from spopt.locate import MCLP


def cpu() -> float:
    """Give the CPU time of this process and of the solver that it started [s]."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in both)


def main() -> None:
    """Build the model as its pages show, solve it to the end."""
    arrays = np.load(sys.argv[1])
    n, m = len(arrays["costs"]), len(arrays["weights"])
    owner = np.repeat(np.arange(n), np.diff(arrays["indptr"]))
    begin = cpu()
    distance = np.ones((m, n))
    distance[arrays["indices"], owner] = 0.0
    model = MCLP.from_cost_matrix(
        distance, arrays["weights"], service_radius=0.5, p_facilities=int(arrays["budget"])
    )
    built = cpu() - begin
    solver = (
        pulp.PULP_CBC_CMD(msg=False, threads=1)
        if sys.argv[2] == "cbc"
        else pulp.HiGHS(msg=False, threads=1)
    )
    model.solve(solver)
    spent = cpu() - begin
    value = float(pulp.value(model.problem.objective))
    print(json.dumps({"value": value, "cpu_s": spent, "built_s": built}))


if __name__ == "__main__":
    main()
