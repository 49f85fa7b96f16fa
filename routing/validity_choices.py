"""Rules of a valid problem that are about goods which can come in several ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routing import validity_values as values
from routing.faults import Fault
from routing.problem import Choice, Problem, Visit


def faults(problem: Problem) -> Iterator[Fault]:
    """Yield options of nothing, or that share a visit, and visits that cannot be chosen freely."""
    yield from values.of_ids("choices", [choice.id for choice in problem.choices])
    visits = {visit.id: visit for visit in problem.visits}
    seen: dict[str, str] = {}
    for index, choice in enumerate(problem.choices):
        where = f"choices[{index}] {choice.id!r}"
        yield from _numbers(where, choice)
        if not choice.options:
            yield Fault(f"{where}.options", "no_option", "has no option", "give one or more")
        for k, option in enumerate(choice.options):
            yield from _members(f"{where}.options[{k}]", option.visits, visits, seen)
    yield from _locked(problem, seen)
    yield from _cut_shipments(problem, seen)


def _numbers(where: str, choice: Choice) -> Iterator[Fault]:
    if choice.price_unplanned is not None:
        yield from values.of_number(f"{where}.price_unplanned", choice.price_unplanned)
    yield from values.of_number(f"{where}.priority", choice.priority)
    for k, option in enumerate(choice.options):
        yield from values.of_number(f"{where}.options[{k}].price", option.price)


def _members(
    where: str, names: tuple[str, ...], visits: Mapping[str, Visit], seen: dict[str, str]
) -> Iterator[Fault]:
    """Yield what is wrong with the visits of one option; ``seen`` says which option has which."""
    if not names:
        yield Fault(where, "no_visit", "has no visit", "name one or more, or drop the option")
    for name in names:
        if name not in visits:
            yield Fault(where, "unknown_visit", f"no visit {name!r}", "use the problem's ids")
        elif name in seen:
            cause = f"visit {name!r} is in {seen[name]} already"
            action = "make another visit of the same place for each option"
            yield Fault(where, "visit_twice", cause, action)
        else:
            seen[name] = where
            yield from _priced_twice(where, visits[name])


def _priced_twice(where: str, visit: Visit) -> Iterator[Fault]:
    if visit.price_unplanned is not None or visit.priority:
        cause = f"visit {visit.id!r} has a price or priority of its own beside the choice's"
        yield Fault(where, "choice_and_price", cause, "give price and priority to the choice")


def _locked(problem: Problem, seen: Mapping[str, str]) -> Iterator[Fault]:
    for vehicle in problem.vehicles:
        for name in (*vehicle.prefix, *vehicle.suffix):
            if name in seen:
                cause = f"visit {name!r} is locked to {vehicle.id!r}: the choice is made"
                action = "drop the choice and the visits of its other options"
                yield Fault(seen[name], "choice_and_lock", cause, action)


def _cut_shipments(problem: Problem, seen: Mapping[str, str]) -> Iterator[Fault]:
    for index, shipment in enumerate(problem.shipments):
        if seen.get(shipment.pickup) != seen.get(shipment.delivery):
            cause = f"{shipment.pickup!r} and {shipment.delivery!r} are not in the same option"
            action = "put both visits of a shipment into one option, or neither"
            yield Fault(f"shipments[{index}]", "choice_and_shipment", cause, action)
