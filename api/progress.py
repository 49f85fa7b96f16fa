"""Progress of long work, on a terminal only; a pipe gets nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

    from routing.solve import Progress


@contextmanager
def solving(
    seconds: float | None, *, money: Callable[[int], str] = "{:,}".format
) -> Iterator[Callable[[Progress], None]]:
    """Show the time that is left and the best plan so far; the block calls what it is given."""
    if not sys.stderr.isatty():
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import Progress as Display
    from rich.progress import TextColumn, TimeElapsedColumn

    best = TextColumn("{task.description}", markup=False)
    columns = (_budget_bar(seconds), TimeElapsedColumn(), best)
    with Display(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("looking for a first plan", total=None)
        yield lambda found: display.update(task, description=_told(found, money))


def _told(found: Progress, money: Callable[[int], str]) -> str:
    if not found.num_unplanned:
        return f"best {money(found.objective)}, {found.num_routes} routes"
    # The price of what is left out is made up, and would hide what the routes cost.
    cost = money(found.solution().cost)
    return f"best {cost}, {found.num_routes} routes, {found.num_unplanned} left out"


@contextmanager
def fraction(label: str) -> Iterator[Callable[[float], None]]:
    """Show how much of some work is done; the block tells a number from 0 to 1."""
    if not sys.stderr.isatty():
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=1.0)
        yield lambda done: progress.update(task, completed=done)


def _budget_bar(seconds: float | None) -> ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.progress_bar import ProgressBar

    class BudgetBar(ProgressColumn):
        """Fills with the time spent: the search itself has no end of its own."""

        def render(self, task: Task) -> ProgressBar:
            elapsed = task.elapsed or 0.0
            return ProgressBar(
                seconds, min(elapsed, seconds or 0.0), width=30, animation_time=elapsed
            )

    return BudgetBar()


def _ignore(_: object) -> None:
    """Stay quiet."""
