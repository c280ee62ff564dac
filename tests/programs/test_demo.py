"""The command line, and the demo that it runs."""
import importlib.util
import subprocess
import sys

import pytest

from revad.__main__ import main

needs_sklearn = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="the extra 'demo' is not installed")


def test_no_command_shows_the_usage(capsys):
    assert main([]) == 2
    assert capsys.readouterr().out.startswith("usage: revad")


def test_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["sing"])
    assert "invalid choice: 'sing'" in capsys.readouterr().err


def test_demo_without_scikit_learn_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert main(["demo"]) == 1
    message = capsys.readouterr().err
    assert "scikit-learn" in message and "revad[demo]" in message


@needs_sklearn
@pytest.mark.filterwarnings("default")  # scikit-learn's own are not ours to mend
@pytest.mark.parametrize("bar", [True, False])
def test_demo_learns_the_digits(monkeypatch, capsys, bar):
    if not bar:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    assert main(["demo", "--epochs", "5"]) == 0
    shown = capsys.readouterr().out
    assert float(shown.partition("held-out digits: ")[2].partition("%")[0]) > 85
    assert "# backprop" in shown
    if not bar:
        assert shown.count("epoch ") == 5


@needs_sklearn
def test_demo_runs_as_a_command():
    run = subprocess.run([sys.executable, "-m", "revad", "demo", "--epochs", "1"],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
