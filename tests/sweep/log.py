"""What the sweep has seen: `log.csv`, and beside it the refusals by reason, the slowest texts and the wrong programs by number."""
import csv
import subprocess

from . import HERE

LOG = ["family", "first", "last", "right", "refused", "nothing", "wrong", "commit"]
REFUSALS = ["family", "reason", "programs", "seed"]
SLOWEST = ["family", "seed", "seconds", "commit"]
WRONG = ["family", "seed", "what", "program", "commit"]
KEPT_REFUSALS, KEPT_SLOWEST = 300, 30
TEXT = 400              # characters of a wrong program that are noted


def read(name, columns):
    path = HERE / name
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{column: row[column] for column in columns} for row in csv.DictReader(file)]


def write(name, columns, rows):
    with (HERE / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def next_seed(family):
    return max((int(row["last"]) + 1 for row in read("log.csv", LOG) if row["family"] == family), default=0)


def commit():
    """The commit that runs, with a + where something is changed since."""
    def git(*words):
        return subprocess.run(["git", "-C", str(HERE), *words], capture_output=True, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", str(HERE.parent.parent / "revad"),
                  str(HERE), ":(exclude,top)tests/sweep/*.csv")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def append(family, first, last, counts, refusals, slowest, wrong):
    """Note a run of the programs first to last. refusals: {reason: (programs, seed)}.

    slowest: (seconds, seed); wrong: (seed, what, program).
    """
    here = commit()
    write("log.csv", LOG,
          [*read("log.csv", LOG), {"family": family, "first": first, "last": last, **counts, "commit": here}])
    table = {(row["family"], row["reason"]): [int(row["programs"]), row["seed"]]
             for row in read("refusals.csv", REFUSALS)}
    for reason, (programs, seed) in refusals.items():
        table.setdefault((family, reason), [0, seed])[0] += programs
    ranked = sorted(table.items(), key=lambda item: (-item[1][0], item[0]))[:KEPT_REFUSALS]
    write("refusals.csv", REFUSALS, [dict(zip(REFUSALS, (*key, *value))) for key, value in ranked])
    slow = read("slow.csv", SLOWEST) + [{"family": family, "seed": seed, "seconds": f"{seconds:.2f}",
                                         "commit": here} for seconds, seed in slowest]
    write("slow.csv", SLOWEST, sorted(slow, key=lambda row: -float(row["seconds"]))[:KEPT_SLOWEST])
    write("wrong.csv", WRONG,
          read("wrong.csv", WRONG) + [dict(zip(WRONG, (family, *each, here))) for each in wrong])
