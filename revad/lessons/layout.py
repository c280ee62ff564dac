"""Layout: where the gates of a circuit stand: in columns by depth, inputs at the left, as in the course
notes.

>>> places = Layout([Spot(()), Spot(()), Spot((0, 1))])
>>> [(spot.column, spot.y) for spot in places.spots]
[(0, 30.0), (0, 100.0), (1, 65.0)]
>>> places.way(0, 2)
[(50.0, 30.0), (70.0, 65.0)]
"""

from __future__ import annotations

from dataclasses import dataclass

TOP, APART = 30.0, 70.0  # the first input, and from one to the next
GAP, WIRE = 20.0, 40.0  # between a wire and a circle; the shortest wire
RADIUS, LETTER = 20.0, 9.0
ROOM, PASSING = 30.0, 11.0  # above and below the middle of a gate, and of a wire that passes by


@dataclass(eq=False)
class Spot:
    """A gate: the positions of its operands; how much room its symbol and its numbers need; where it
    stands.
    """

    operands: tuple
    half_width: float = RADIUS
    text_width: float = WIRE
    name_width: float = 0.0
    column: int = 0
    y: float = 0.0
    x: float = 0.0  # the middle of the circle
    start: float = 0.0  # of the wire
    end: float = 0.0
    room: float = ROOM


class Layout:
    """Gives each Spot its place; `width`, `top` and `bottom` are those of the picture."""

    def __init__(self, spots):
        self.spots, self.passing = spots, {}
        for spot in spots:
            spot.column = 1 + max((spots[operand].column for operand in spot.operands), default=-1)
        self.columns = [
            [spot for spot in spots if spot.column == column]
            for column in range(1 + max(spot.column for spot in spots))
        ]
        self._rows()
        self._columns()
        rows = [spot.y for spot in (*spots, *self.passing.values())]
        self.top, self.bottom = min(rows) - TOP, max(rows) + 40

    def _rows(self):
        """Inputs in the order in which the result reaches them, gates in the middle of their operands."""
        for row, position in enumerate(self._inputs()):
            self.spots[position].y = TOP + APART * row
        last = {}  # the last column that each wire goes to
        for spot in self.spots:
            for operand in spot.operands:
                last[operand] = max(last.get(operand, 0), spot.column)
        for column, gates in enumerate(self.columns[1:], 1):
            for spot in gates:
                rows = [self._row(operand, column) for operand in spot.operands]
                spot.y = sum(rows) / len(rows)
            for position, source in enumerate(self.spots):
                if source.column < column < last.get(position, 0):
                    self.passing[position, column] = Spot(
                        (), y=self._row(position, column), column=column, room=PASSING
                    )
            passing = [spot for (_, place), spot in self.passing.items() if place == column]
            _push_apart(sorted([*gates, *passing], key=lambda spot: spot.y))

    def _inputs(self):
        """The positions of inputs, in the order in which they are met on the way back from the results."""
        read = {operand for spot in self.spots for operand in spot.operands}
        order, seen, pending = [], set(), [at for at in range(len(self.spots)) if at not in read]
        while pending:
            position = pending.pop()
            if position not in seen:
                seen.add(position)
                operands = self.spots[position].operands
                order += [] if operands else [position]
                pending += reversed(operands)
        return order

    def _row(self, position, column):
        """Where the wire of a gate is in the column before this one."""
        passing = self.passing.get((position, column - 1))
        return self.spots[position].y if passing is None else passing.y

    def _columns(self):
        at = 10 + max((spot.name_width for spot in self.columns[0]), default=0.0)
        for column, gates in enumerate(self.columns):
            width = 0.0 if column == 0 else 2 * max(spot.half_width for spot in gates)
            names = max(spot.name_width for spot in gates)
            start = at if column == 0 else at + GAP + width + max(GAP, names)
            end = start + max(spot.text_width for spot in gates)
            for spot in (*gates, *(spot for (_, place), spot in self.passing.items() if place == column)):
                spot.x, spot.start, spot.end = at + GAP + spot.half_width, start, end
            at = end
        self.width = at + 20

    def way(self, source, target) -> list:
        """The points from the end of a wire to a gate: straight, or around the gates between them."""
        first, last = self.spots[source], self.spots[target]
        begin, end = (first.end, first.y), (last.x - last.half_width, last.y)
        between = [self.passing[source, column] for column in range(first.column + 1, last.column)]
        if all(self._is_clear(begin, end, spot.column) for spot in between):
            return [begin, end]
        return [begin, *(point for spot in between for point in ((spot.x, spot.y), (spot.end, spot.y))), end]

    def _is_clear(self, begin, end, column):
        """Whether a straight line passes by the gates of a column, their wires and their numbers."""
        slope = (end[1] - begin[1]) / (end[0] - begin[0])
        return all(
            abs(begin[1] + slope * (x - begin[0]) - spot.y) >= 26
            for spot in self.columns[column]
            for x in (spot.x - spot.half_width, spot.x + spot.half_width, spot.start, spot.end)
        )


def _push_apart(members):
    """Move the members of a column, which are in order, as far apart as they need: both by half of what is
    missing.
    """
    for _ in range(200):
        is_moved = False
        for above, below in zip(members, members[1:]):
            missing = above.room + below.room - (below.y - above.y)
            if missing > 1e-6:
                above.y -= missing / 2
                below.y += missing / 2
                is_moved = True
        if not is_moved:
            return
