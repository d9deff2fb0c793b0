"""How exact and how fast is the probability of detection?

Exact values are averages of Marcum's Q (Boost's noncentral chi-square in SciPy) over the target's
energy, integrated numerically: another formula and other code. Times are CPU of one process.
"""

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate, stats

from steppewatch.sense.radar.curve import detection_curve
from steppewatch.sense.radar.detection import detection_probability, required_snr, threshold
from steppewatch.sense.radar.rules_of_thumb import albersheim_snr_db, shnidman_snr_db

SWERLING = (0, 1, 2, 3, 4)
PULSES, ALARMS = (1, 10, 100, 1_000), (1e-3, 1e-6, 1e-12)
LEVELS_DB = np.linspace(-20.0, 30.0, 11)


def marcum(snr: float, n: int, pfa: float, swerling: int) -> float:
    """Average Marcum's Q over the energy of a fluctuating target."""
    limit = threshold(pfa, n)
    if swerling == 0:
        return float(stats.ncx2.sf(2 * limit, 2 * n, 2 * n * snr))
    degrees = {1: 1, 2: n, 3: 2, 4: 2 * n}[swerling]
    energy = stats.gamma(degrees, scale=n * snr / degrees)
    edges = energy.ppf([1e-14, 1e-6, 1e-3, 0.05, 0.3, 0.7, 0.95, 0.999, 1 - 1e-7, 1 - 1e-13])

    def weighted(e: float) -> float:
        return float(energy.pdf(e) * stats.ncx2.sf(2 * limit, 2 * n, 2 * e))

    parts = (integrate.quad(weighted, a, b, epsabs=1e-11)[0] for a, b in itertools.pairwise(edges))
    return float(sum(parts))


def cpu(run: Callable[[], Any], turns: int = 5) -> float:
    """Give the best CPU time [s]."""
    run()
    best = float("inf")
    for _ in range(turns):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def main() -> list[dict[str, Any]]:
    snr = 10.0 ** (LEVELS_DB / 10.0)
    rows = []
    for swerling in SWERLING:
        worst = 0.0
        for n, pfa in itertools.product(PULSES, ALARMS):
            ours = detection_probability(snr, n, pfa, swerling)
            theirs = [marcum(float(s), n, pfa, swerling) for s in snr]
            worst = max(worst, float(np.max(np.abs(ours - theirs))))
        rows.append(
            {"name": f"Swerling {swerling}: largest difference from Marcum's Q, averaged",
             "value": worst * 1e9, "unit": "1e-9",
             "note": "N 1 to 1,000, Pfa 1e-3 to 1e-12, SNR −20 to 30 dB"}
        )  # fmt: skip
    exact = 10.0 * np.log10(required_snr(0.9, 10, 1e-6, 0))
    rule = albersheim_snr_db(0.9, 1e-6, 10)
    rows.append({"name": "Albersheim less exact, Pd 0.9, Pfa 1e-6, N 10", "value": rule - exact,
                 "unit": "dB", "note": "its rule is for a linear detector"})  # fmt: skip
    exact = 10.0 * np.log10(required_snr(0.9, 10, 1e-6, 1))
    rule = shnidman_snr_db(0.9, 1e-6, 10, 1)
    rows.append({"name": "Shnidman less exact, Swerling 1", "value": rule - exact, "unit": "dB"})
    many = np.linspace(-20.0, 30.0, 1_000_000)
    curve = detection_curve(10, 1e-6, 1)
    power = 10.0 ** (many[:100_000] / 10.0)
    taken = cpu(lambda: detection_probability(power, 10, 1e-6, 1))
    rows.append({"name": "exact Pd, N = 10", "value": 0.1 / taken, "unit": "M/s"})
    taken = cpu(lambda: curve.at(many))
    rows.append({"name": "Pd from a curve", "value": 1.0 / taken, "unit": "M/s"})
    off = np.max(np.abs(curve.at(many[:100_000]) - detection_probability(power, 10, 1e-6, 1)))
    rows.append({"name": "largest error of a curve", "value": float(off) * 1e6, "unit": "1e-6"})
    return rows
