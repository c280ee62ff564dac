"""The passes by hand and the generated ones that `benchmarks` times agree."""
import pytest

from benchmarks import arrays, scalars, timing


@pytest.mark.parametrize("workload", scalars.WORKLOADS + arrays.WORKLOADS,
                         ids=lambda workload: workload.name)
def test_workload_agrees(workload):
    timing.check(workload)


def test_compare_gives_times_and_a_ratio():
    assert min(timing.compare(scalars.WORKLOADS[0], rounds=2)) > 0
