"""The passes by hand and the generated ones that `benchmarks` times agree."""
import numpy as np
import pytest

from benchmarks import arrays, derivatives, loops, scalars, timing


@pytest.mark.parametrize("workload", scalars.WORKLOADS + arrays.WORKLOADS + loops.WORKLOADS,
                         ids=lambda workload: workload.name)
def test_workload_agrees(workload):
    timing.check(workload)


@pytest.mark.parametrize("case", derivatives.cases(), ids=lambda case: case.name)
def test_derivative_agrees(case):
    ours, theirs = case.derivative(*case.arguments), case.by_hand(*case.arguments)
    for generated, by_hand in zip(timing.flat(ours), timing.flat(theirs), strict=True):
        np.testing.assert_allclose(generated, by_hand, rtol=1e-8, atol=1e-8 * np.abs(by_hand).max())


def test_compare_gives_times_and_a_ratio():
    times = timing.compare(scalars.WORKLOADS[0], rounds=2)
    assert times.memory is None and min(times[:-1]) > 0


def test_memory_is_measured_where_it_has_a_goal():
    times = timing.compare(loops.WORKLOADS[0], rounds=2)
    assert min(times) > 0
