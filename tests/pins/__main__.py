"""`python -m tests.pins`: compare, write, or show side by side the texts that revad generates for the pinned programs."""
import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 78
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "support"), str(ROOT)]


def main():
    options = _options()
    from tests.pins.programs import (  # after the path is set: the programs stand in modules of the tests
        GROUPS,
        programs,
    )
    from tests.pins.record import pin

    folder = Path(__file__).parent
    changed = 0
    pins = {}
    for group in options.groups or GROUPS:
        pins[group] = [pin(name, run) for name, run in programs(group)]
        lines = "".join(f"{one.line}\n" for one in pins[group])
        path = folder / f"{group}.txt"
        if options.write:
            path.write_text(lines)
        else:
            changed += _differing(path.read_text().splitlines(), lines.splitlines())
    if options.texts:
        Path(options.texts).write_text(json.dumps(pins))
    elif options.against:
        return _compared(pins, _texts_of(options.against, options.groups))
    return bool(changed) and not options.write


def _options():
    parser = argparse.ArgumentParser(prog="python -m tests.pins", description=__doc__)
    parser.add_argument("groups", nargs="*",
                        help="golden, corpus, programs, pages, examples, random; all of them by default")
    parser.add_argument("--write", action="store_true", help="write the lines of tests/pins/*.txt anew")
    parser.add_argument("--against", metavar="COMMIT",
                        help="print the texts that differ from those of a commit side by side")
    parser.add_argument("--texts", metavar="FILE", help="write all texts and conditions to a file")
    return parser.parse_args()


def _differing(before, after):
    lines = [line for line in difflib.unified_diff(before, after, lineterm="", n=0)
             if line[0] in "+-" and line[:3] not in ("+++", "---")]
    print("\n".join(lines), end="\n" * bool(lines), file=sys.stderr)
    return len(lines)


def _texts_of(commit, groups):
    """The pins of another commit, which writes them itself."""
    with tempfile.TemporaryDirectory() as folder:
        tree, texts = Path(folder) / "tree", Path(folder) / "texts.json"
        subprocess.run(["git", "-C", str(ROOT), "worktree", "add", "--quiet", "--detach", str(tree), commit],
                       check=True)
        try:
            command = [sys.executable, "-m", "tests.pins", *groups, "--texts", str(texts)]
            subprocess.run(command, cwd=tree, capture_output=True)
            return json.loads(texts.read_text())
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(tree)], check=True)


def _compared(pins, others):
    """Print what differs; whether anything does."""
    changed = 0
    for group, after in pins.items():
        before = {name: (texts, conditions) for name, texts, conditions in others.get(group, ())}
        for name, texts, conditions in after:
            old_texts, old_conditions = before.get(name, ([], []))
            if [list(text) for text in texts] != old_texts:
                changed += 1
                print(f"\n==== {group}: {name}")
                _side_by_side("\n".join(text for _, text in old_texts), "\n".join(text for _, text in texts))
            elif conditions != old_conditions:
                changed += 1
                print(f"\n==== {group}: {name}, conditions")
                _side_by_side(_listed(old_conditions), _listed(conditions))
    print(f"{changed} programs differ")
    return bool(changed)


def _listed(conditions):
    return "\n".join(text for variant in conditions for part in variant for text in part)


def _side_by_side(before, after):
    before, after = before.splitlines(), after.splitlines()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for at in range(max(j - i, m - k)):
            left = before[i + at] if i + at < j else ""
            right = after[k + at] if k + at < m else ""
            print(f"{left[:WIDTH]:{WIDTH}} | {right[:WIDTH]}")


if __name__ == "__main__":
    raise SystemExit(main())
