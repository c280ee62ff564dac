"""The texts of the pinned programs are those that were pinned: a sample here, all with their conditions by `python -m tests.pins`."""
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from pins.programs import GROUPS, programs
from pins.record import pin

FOLDER = Path(__file__).parent / "pins"
STEP = {"golden": 1, "pages": 1, "examples": 5, "corpus": 11, "programs": 11, "random": 40}


def _needs_sklearn(name):
    return "sklearn" in (Path(__file__).parents[1] / "examples" / f"{name}.py").read_text()


@pytest.mark.skipif(int(np.__version__.split(".")[0]) < 2 or sys.version_info < (3, 11),
                    reason="the lines are those of NumPy 2")
@pytest.mark.parametrize("group", GROUPS)
def test_no_line_has_changed(group, capsys):
    lines = (FOLDER / f"{group}.txt").read_text().splitlines()
    whole = programs(group)
    assert [line.split(": ")[0] for line in lines] == [name for name, _ in whole], (
        "run python -m tests.pins --write")
    sample = [(line, *program) for line, program in zip(lines, whole)][::STEP[group]]
    if importlib.util.find_spec("sklearn") is None:     # which some examples read digits from
        sample = [entry for entry in sample if group != "examples" or not _needs_sklearn(entry[1])]
    with np.errstate(all="warn"):
        found = [pin(name, run).line for _, name, run in sample]
    # Conditions also tell of what a program did to its arguments when it ran before; `python -m tests.pins`
    # compares them, too.
    found, wanted = ([line.split(" | ")[0] for line in part] for part in (found, [line for line, *_ in sample]))
    assert found == wanted
