"""On a real ferry cameras help the radar; at a real airport tracks are kept where plots are."""

import pytest
from benchmarks import bench_autoferry, bench_lebl
from benchmarks.scenarios import autoferry, lebl


def test_cameras_help_the_ferrys_radar_and_frames_out_of_order_do_no_harm(real_data):
    path = real_data("tracking/autoferry/scenario6_detections.json")
    run = autoferry.read(path)
    assert run.backwards > 500
    alone, all_three = (
        bench_autoferry.play(run, bench_autoferry.USES[use]) for use in ("radar", "radar + EO + IR")
    )
    assert all_three.gospa < alone.gospa
    assert all_three.completeness >= alone.completeness


@pytest.mark.nightly
def test_cameras_help_in_most_runs(real_data):
    ratios = []
    for path in real_data("tracking/autoferry").glob("scenario*_detections.json"):
        run = autoferry.read(path)
        both = bench_autoferry.play(run, bench_autoferry.USES["radar + EO + IR"])
        ratios.append(both.gospa / bench_autoferry.play(run, bench_autoferry.USES["radar"]).gospa)
    assert sum(ratio < 1.0 for ratio in ratios) > len(ratios) / 2


def test_an_airports_radar_is_followed_wherever_it_has_plots(real_data):
    files = [
        real_data(f"asterix/barcelona-surface/201002-lebl-080001_{name}.ast")
        for name in ("smr", "mlat")
    ]
    done = bench_lebl.play(lebl.read(*files, end=28_800.0 + 600.0))
    assert done.report.completeness > done.plotted - 0.02
