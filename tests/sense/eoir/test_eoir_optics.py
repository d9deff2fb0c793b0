"""Blur and eye against closed forms and textbook values."""

import dataclasses

import numpy as np
import pytest
from scipy import integrate

from steppewatch.sense.eoir import camera_design, eye, optics


def test_a_perfect_lens_ends_at_its_cut_off():
    cut = 0.1 / 10e-6
    found = optics.diffraction([0.0, 0.5 * cut, cut, 2 * cut], 10e-6, 0.1)
    # Goodman §6.3: at half the cut-off 2/π (π/3 − √3/4) = 0.391.
    assert found == pytest.approx([1.0, 0.391002, 0.0, 0.0], abs=1e-6)


def test_the_lens_mtf_is_the_overlap_of_two_pupils():
    """The autocorrelation of a disc, counted on a grid, is the authority."""
    y, x = np.mgrid[-1:1:801j, -1:1:801j]
    disc = x**2 + y**2 <= 1.0
    for shift in (100, 300, 560):
        overlap = (disc[:, shift:] & disc[:, :-shift]).sum() / disc.sum()
        ratio = shift * (2.0 / 800.0) / 2.0
        assert optics.diffraction(ratio, 1.0, 1.0) == pytest.approx(overlap, abs=2e-3)


def test_pixel_and_motion_have_their_fourier_transforms():
    angle, rms, frequency = 30e-6, 10e-6, 12_000.0
    edge = angle / 2.0
    box, _ = integrate.quad(lambda a: np.cos(2 * np.pi * frequency * a) / angle, -edge, edge)
    assert optics.detector(frequency, angle) == pytest.approx(box, abs=1e-9)
    draws = np.random.default_rng(1).normal(0.0, rms, 400_000)
    spread = np.cos(2 * np.pi * frequency * draws)
    error = 4.0 * spread.std() / np.sqrt(draws.size)
    assert optics.jitter(frequency, rms) == pytest.approx(spread.mean(), abs=error)


def test_turbulence_follows_fried():
    weak = optics.coherence_diameter(0.5e-6, 1e-15, 5_000.0)
    k = 2 * np.pi / 0.5e-6
    # Spherical wave: 0.423 k² ∫ Cn² (z/L)^(5/3) dz, to the power −3/5.
    moment, _ = integrate.quad(lambda z: 1e-15 * (z / 5_000.0) ** (5.0 / 3.0), 0.0, 5_000.0)
    assert weak == pytest.approx((0.423 * k**2 * moment) ** -0.6, rel=1e-6)
    ratio = optics.coherence_diameter(1e-6, 1e-15, 5_000.0) / weak
    assert ratio == pytest.approx(2.0**1.2, rel=1e-9)
    at_r0 = optics.turbulence(weak / 0.5e-6, 0.5e-6, weak)
    assert at_r0 == pytest.approx(np.exp(-3.44), rel=1e-9)
    assert optics.turbulence(1e5, 0.5e-6, optics.coherence_diameter(0.5e-6, 0.0, 1e4)) == 1.0


def test_the_eye_is_the_textbook_eye():
    u = np.geomspace(0.3, 70.0, 400)
    found = eye.sensitivity(u, 100.0, 10.0)
    assert 2.0 < u[np.argmax(found)] < 6.0
    assert 300.0 < found.max() < 700.0
    acuity = u[np.nonzero(found >= 1.0)[0][-1]]
    assert 30.0 < acuity < 62.0  # normal sight is 30 cycles per degree or better
    assert eye.sensitivity(4.0, 0.1, 10.0) < eye.sensitivity(4.0, 100.0, 10.0) / 2.0


def test_noise_that_disturbs_is_the_integral_of_its_filter():
    ifov, frequency = 30e-6, 6_000.0

    def across(f):
        return np.exp(-4.4 * np.log(f / frequency) ** 2) * np.sinc(f * ifov) ** 2

    def along(f):
        return np.sinc(f * ifov) ** 2

    edge = 0.5 / ifov
    expected = 4.0 * ifov**2 * integrate.quad(across, 1e-9, edge)[0]
    expected *= integrate.quad(along, 0.0, edge)[0]
    assert eye.noise_passed(np.array([frequency]), ifov)[0] == pytest.approx(expected, rel=2e-3)


def test_noise_and_blur_raise_the_threshold_and_nothing_passes_where_the_lens_is_blind():
    camera = camera_design("drone-thermal")
    frequency = np.linspace(200.0, 0.5 / camera.ifov(), 50)
    clean = eye.system_threshold(frequency, dataclasses.replace(camera, noise=1e-5))
    noisy = eye.system_threshold(frequency, dataclasses.replace(camera, noise=0.5))
    assert np.all(noisy > clean)
    slow = dataclasses.replace(camera, f_number=32.0)
    assert np.isinf(eye.system_threshold(np.array([0.5 / camera.ifov()]), slow)).all()
