"""Adjoint programs, run by a second writer, agree with their texts to the bit.

They are those of the golden functions and of the corpus.
"""
import copy
import functools

import numpy as np
import pytest
from corpus import programs as corpus_programs
from differences import leaves, random_dout
from golden_blocks import CASES
from samples import part_of
from second_writer import adjoint_programs, run

import revad
from revad.runtime import cache
from revad.runtime.calling import as_namespace
from revad.runtime.cotangents import layout_of, match_output

CORPUS = {case.name: case for case in corpus_programs.all_cases()}
# They seed what they draw by a statement, which a second writer does not run.
SEEDED = {"course_layers.dropout_forward", "scratch_networks.forward_with_dropout"}


def assert_same(found, expected):
    for (path, a), (same, b) in zip(leaves(found), leaves(expected), strict=True):
        assert path == same and type(a) is type(b), path
        assert np.asarray(a).dtype == np.asarray(b).dtype and np.shape(a) == np.shape(b), path
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), path


def as_tuple(gradients, expected):
    """The gradient of one parameter is returned bare."""
    return (gradients,) if len(expected) == 1 else gradients


def assert_passes_agree(programs, function, args, wrt=None, kwargs={}, fresh=lambda: None):
    """The backward pass and the output are those of the adjoint program."""
    fresh()
    gradient = revad.grad(function, **({} if wrt is None else {"wrt": wrt}))
    dout = random_dout(function, copy.deepcopy(args), wrt, **({"kwargs": kwargs} if kwargs else {}))
    fresh()
    out, kept = gradient.forward(*copy.deepcopy(args), **kwargs)
    layout = layout_of(out, kept.bound.variant.result)
    found = gradient.backward(dout, kept)
    want, builder, sections, results, parameters, paths = programs[-1]
    assert want == "backward"
    arguments = gradient.complete(copy.deepcopy(args), kwargs)
    fresh()
    cotangent = match_output(dout, layout)[1]
    parts = [functools.reduce(lambda part, step: getattr(part, step[0]) if step[1] else part[step[0]],
                              path, cotangent) for path in paths]
    _, *expected = run(builder, sections, results, parameters, (*arguments, *parts))
    expected = tuple(map(as_namespace, expected, gradient.backward.last.variant.objects))
    assert_same(as_tuple(found, expected), expected)


@pytest.fixture
def programs(monkeypatch):
    cache._entries.clear()
    return adjoint_programs(monkeypatch)


@pytest.mark.quick
@pytest.mark.parametrize("name", CASES)
def test_the_passes_of_a_golden_function(name, programs):
    case = CASES[name]
    assert_passes_agree(programs, case.function, case.args, case.wrt)


@pytest.mark.quick
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.layer])
def test_the_gradient_of_a_golden_function(name, programs):
    case = CASES[name]
    gradient = revad.grad(case.function, **({} if case.wrt is None else {"wrt": case.wrt}))
    found = gradient(*case.args)
    want, builder, sections, results, parameters, _ = programs[-1]
    assert want == "grad"
    _, *expected = run(builder, sections, results, parameters, gradient.complete(case.args, {}))
    assert_same(as_tuple(found, expected), tuple(expected))


@pytest.mark.parametrize("name", part_of([name for name in CORPUS if name not in SEEDED], 2))
def test_the_passes_of_the_corpus(name, programs):
    case = CORPUS[name]
    try:
        assert_passes_agree(programs, case.function, case.args, case.wrt, case.kwargs,
                            case.fresh or (lambda: None))
    except revad.UnsupportedError:
        pytest.skip("it is refused")
