"""Who takes part: our search and its peers, each with its package and its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True, slots=True)
class Solver:
    """
    One that takes part.

    Attributes
    ----------
    package
        What is installed, by the name that pip knows.
    module
        The adapter, with a function ``solve(ask)``; imports the package.
    settings
        The engine's own, of which the best plan of each seed counts.
    seeded
        Without a seed, an engine runs once however many seeds are asked for.
    note
        What to know of how it is asked.
    """

    name: str
    package: str
    module: str
    note: str
    settings: tuple[str, ...] = ("",)
    seeded: bool = True

    @property
    def version(self) -> str | None:
        """The installed version, or None."""
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None


SOLVERS = (
    Solver("milkrun", "milkrun", "routing.peers.milkrun", "one search on all cores"),
    Solver("pyvrp", "pyvrp", "routing.peers.pyvrp", "one seed on each core"),
    Solver(
        "commiv",
        "commiv",
        "routing.peers.commiv",
        "one chain on each core; iterations measured on top of the budget",
    ),
    Solver(
        "vroom",
        "pyvroom",
        "routing.peers.vroom",
        "x = 0, 1 and 5 with the whole budget each, the best counts; a thread on each core",
        settings=("0", "1", "5"),
        seeded=False,
    ),
    Solver(
        "ortools",
        "ortools",
        "routing.peers.ortools",
        "guided local search, another first plan on each core",
        seeded=False,
    ),
    Solver("nextroute", "nextroute", "routing.peers.nextroute", "one run on each core"),
    Solver("vrp-cli", "vrp-cli", "routing.peers.vrp_cli", "a thread on each core"),
)
"""In the order of tables. Those without a seed that vary from run to run run for every seed."""
