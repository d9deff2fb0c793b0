"""Pd against the characteristic function, Marcum's Q, Monte Carlo and published figures."""

import itertools

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from steppewatch.errors import SenseError
from steppewatch.sense.radar.detection import detection_probability, required_snr, threshold

SWERLING = (0, 1, 2, 3, 4)


def degrees(swerling, n):
    return {1: 1, 2: n, 3: 2, 4: 2 * n}[swerling]


def log_generating(s, snr, n, swerling):
    """Logarithm of E[exp(s Y)]; Swerling (1960), eq. 1 and its averages over the target."""
    if swerling == 0:
        return -n * np.log(1 - s) + n * snr * s / (1 - s)
    k = degrees(swerling, n)
    return (k - n) * np.log(1 - s) - k * np.log(1 - s * (1 + n * snr / k))


def by_contour(snr, n, pfa, swerling):
    """Invert the generating function along the vertical line through its saddle point."""
    limit = threshold(pfa, n)

    def exponent(s):
        return log_generating(s, snr, n, swerling) - s * limit - np.log(np.abs(s))

    pole = 1.0 if swerling == 0 else 1.0 / (1.0 + n * snr / degrees(swerling, n))
    right = optimize.minimize_scalar(
        lambda u: exponent(pole / (1 + np.exp(-u))), bounds=(-25, 12), method="bounded"
    )
    left = optimize.minimize_scalar(
        lambda u: exponent(-np.exp(u)), bounds=(-12, 4), method="bounded"
    )
    c = pole / (1 + np.exp(-right.x)) if right.fun < left.fun else -np.exp(left.x)

    def integrand(w):
        s = c + 1j * w
        return np.real(np.exp(log_generating(s, snr, n, swerling) - s * limit) / s)

    scale = min(abs(c), pole - c) * 0.3
    edges = [0.0, *scale * 4.0 ** np.arange(40)]
    total = 0.0
    for a, b in itertools.pairwise(edges):
        part, _ = integrate.quad(integrand, a, b, epsabs=1e-13, epsrel=1e-11, limit=200)
        total += part
        if abs(part) < 1e-15 and b > 20 * scale:
            break
    return total / np.pi + (c < 0)


def by_averaging_marcum(snr, n, pfa, swerling):
    """Average Marcum's Q (Boost's noncentral chi-square) over the energy of the target."""
    limit = threshold(pfa, n)
    if swerling == 0:
        return stats.ncx2.sf(2 * limit, 2 * n, 2 * n * snr)
    k = degrees(swerling, n)
    energy = stats.gamma(k, scale=n * snr / k)
    edges = energy.ppf([1e-14, 1e-6, 1e-3, 0.05, 0.3, 0.7, 0.95, 0.999, 1 - 1e-7, 1 - 1e-13])
    return sum(
        integrate.quad(
            lambda e: energy.pdf(e) * stats.ncx2.sf(2 * limit, 2 * n, 2 * e),
            a,
            b,
            epsabs=1e-11,
            epsrel=1e-9,
        )[0]
        for a, b in itertools.pairwise(edges)
    )


@pytest.mark.parametrize("swerling", SWERLING)
@pytest.mark.parametrize("n", [8, 100, 1000])
@pytest.mark.parametrize("pfa", [1e-3, 1e-12])
def test_many_pulses_agree_with_the_inverted_generating_function(n, pfa, swerling):
    for pd in (2e-3, 0.1, 0.5, 0.9, 0.9999):
        snr = required_snr(pd, n, pfa, swerling)
        assert by_contour(snr, n, pfa, swerling) == pytest.approx(pd, abs=1e-10)
        assert detection_probability(snr, n, pfa, swerling) == pytest.approx(pd, abs=1e-10)


@pytest.mark.parametrize("swerling", SWERLING)
@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_few_pulses_agree_with_marcum_averaged_over_the_target(n, swerling):
    for pfa in (1e-2, 1e-6, 1e-12):
        for snr in (0.3, 5.0, 60.0):
            assert detection_probability(snr, n, pfa, swerling) == pytest.approx(
                by_averaging_marcum(snr, n, pfa, swerling), abs=1e-9
            )


@pytest.mark.nightly
@pytest.mark.parametrize("swerling", SWERLING)
def test_the_whole_range_agrees_with_the_inverted_generating_function(swerling):
    worst = 0.0
    for n in (4, 5, 17, 64, 300, 999, 1000):
        for pfa in (1e-1, 1e-4, 1e-8, 1e-12):
            for snr_db in np.arange(-25.0, 41.0, 5.0):
                snr = 10 ** (snr_db / 10)
                exact = by_contour(snr, n, pfa, swerling)
                found = float(detection_probability(snr, n, pfa, swerling))
                worst = max(worst, abs(found - exact))
    assert worst < 1e-10


# Exact signal-to-noise ratio of one pulse in dB, Swerling 0 to 4, from closed forms, a series and
# Monte Carlo made apart from this code; the row (0.9, 1e-6, 1) is in every book: 13.2, 21.1, 17.3
# (Skolnik, Introduction to Radar Systems, 3rd ed., §2.5; Richards 2014, table 6.2).
PUBLISHED = {
    (0.5, 1e-6, 1): (11.243, 12.772, 12.772, 11.954, 11.954),
    (0.8, 1e-6, 1): (12.565, 17.847, 17.847, 15.305, 15.305),
    (0.9, 1e-6, 1): (13.183, 21.144, 21.144, 17.296, 17.296),
    (0.9, 1e-6, 10): (5.267, 13.500, 6.292, 9.601, 5.806),
    (0.9, 1e-6, 30): (2.001, 10.367, 2.395, 6.448, 2.204),
    (0.9, 1e-8, 1): (14.227, 22.401, 22.401, 18.512, 18.512),
    (0.99, 1e-6, 10): (6.377, 23.725, 8.401, 15.219, 7.442),
}


@pytest.mark.parametrize("case", PUBLISHED, ids=str)
def test_the_required_ratio_is_the_published_one(case):
    pd, pfa, n = case
    found = [10 * np.log10(required_snr(pd, n, pfa, s)) for s in SWERLING]
    assert found == pytest.approx(PUBLISHED[case], abs=1e-3)


def test_a_low_threshold_gives_the_published_probabilities():
    found = [float(detection_probability(10**0.5, 4, 1e-3, s)) for s in SWERLING]
    assert found == pytest.approx([0.72998, 0.48250, 0.61629, 0.55615, 0.66106], abs=5e-6)


@pytest.mark.parametrize("swerling", SWERLING)
@pytest.mark.parametrize(("n", "snr"), [(1, 8.0), (6, 2.5), (40, 0.8)])
def test_drawn_echoes_cross_the_threshold_as_often(n, snr, swerling):
    """Voltages drawn pulse by pulse, from the definition of the five cases."""
    rng = np.random.default_rng(11)
    looks, pfa = 60_000, 1e-3
    shape = (looks, n if swerling in (2, 4) else 1)
    power = {
        0: lambda: np.ones(shape),
        1: lambda: rng.exponential(size=shape),
        2: lambda: rng.exponential(size=shape),
        3: lambda: rng.gamma(2.0, 0.5, shape),
        4: lambda: rng.gamma(2.0, 0.5, shape),
    }[swerling]()
    noise = rng.normal(size=(looks, n, 2)) @ [1, 1j] / np.sqrt(2)
    total = (np.abs(np.sqrt(snr * power) + noise) ** 2).sum(axis=1)
    pd = float(detection_probability(snr, n, pfa, swerling))
    spread = np.sqrt(pd * (1 - pd) / looks)
    assert np.mean(total > threshold(pfa, n)) == pytest.approx(pd, abs=3.5 * spread)


@pytest.mark.parametrize("swerling", SWERLING)
def test_pd_runs_from_pfa_to_one_without_a_step_back(swerling):
    for n, pfa in ((1, 1e-12), (7, 1e-6), (1000, 1e-12)):
        pd = detection_probability(np.logspace(-9, 30, 400), n, pfa, swerling)
        assert detection_probability(0.0, n, pfa, swerling) == pytest.approx(pfa, rel=1e-9)
        assert np.all(np.diff(pd) >= -1e-13)
        assert pd[-1] == pytest.approx(1.0, abs=1e-12)
        assert detection_probability(np.inf, n, pfa, swerling) == pytest.approx(1.0, abs=1e-12)


def test_unknown_signal_stays_unknown_and_shape_is_kept():
    for swerling in SWERLING:
        found = detection_probability([[np.nan, 3.0], [1.0, 9.0]], 5, 1e-6, swerling)
        assert found.shape == (2, 2)
        assert np.array_equal(np.isnan(found), [[True, False], [False, False]])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: threshold(0.0, 1), "pfa is 0, expected 1e-16 to 0.5"),
        (lambda: threshold(np.nan, 1), "pfa is nan"),
        (lambda: threshold(1e-6, 0), "n is 0 pulses"),
        (lambda: detection_probability(-1.0, 1, 1e-6, 1), "10 \\*\\* \\(db / 10\\)"),
        (lambda: detection_probability(1.0, 1, 1e-6, 5), "swerling is 5"),
        (lambda: required_snr(1.0, 1, 1e-6, 1), "pd is 1, expected more than pfa"),
        (lambda: required_snr(1e-7, 1, 1e-6, 1), "pd is 1e-07"),
    ],
)
def test_absurd_detectors_are_refused_with_range_and_remedy(call, words):
    with pytest.raises(SenseError, match=words):
        call()
