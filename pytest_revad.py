"""The pytest plugin of revad: `pytest --revad-verify` verifies the texts of all gradients that the tests call.

It stands beside the package, so that pytest does not import revad, and with it NumPy, where the option is not given.
"""
import os
import sys

import pytest

COUNTS = pytest.StashKey()


def pytest_addoption(parser):
    group = parser.getgroup("revad")
    group.addoption("--revad-verify", action="store_true", help="compare each gradient that revad generates with its function, on its first call")


def pytest_configure(config):
    if config.getoption("--revad-verify"):
        config.stash[COUNTS] = {"verified": 0, "skipped": 0}
        config.add_cleanup(_set("REVAD_VERIFY", "1"))
        # What is not verified is shown, and is no error where all other warnings are.
        config.addinivalue_line("filterwarnings", "default::revad.VerificationSkipped")


def _set(name, value):
    """Set a variable of the environment, and return what sets it back."""
    before = os.environ.get(name)
    os.environ[name] = value
    return lambda: os.environ.pop(name) if before is None else os.environ.update({name: before})


def _add(config, found):
    for name, count in found.items():
        config.stash[COUNTS][name] += count


def pytest_sessionfinish(session):
    verify = sys.modules.get("revad.runtime.verification.verify")
    if COUNTS in session.config.stash and verify is not None:
        _add(session.config, verify.counts)
        if hasattr(session.config, "workeroutput"):      # a worker of xdist tells the process that started it
            session.config.workeroutput["revad"] = dict(session.config.stash[COUNTS])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    if COUNTS in node.config.stash:
        _add(node.config, getattr(node, "workeroutput", {}).get("revad", {}))


def pytest_terminal_summary(terminalreporter, config):
    if COUNTS in config.stash:
        counts = config.stash[COUNTS]
        terminalreporter.write_line(f"revad: {counts['verified']} texts verified, {counts['skipped']} skipped")
