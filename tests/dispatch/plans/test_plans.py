from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from dispatch.plans import plans
from dispatch.plans.plans import Made
from dispatch.store import events
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Outdated
from tests.dispatch import shop as shops

ACTOR = "user:li"
INPUTS = {"delivery a": "1", "vehicle v": "1"}


@pytest.fixture
def plan(db: Database) -> UUID:
    return drafted(db, shops.opened(db).depot)


def drafted(db: Database, depot: UUID) -> UUID:
    with transaction(db, actor=ACTOR) as session:
        return plans.draft(session, depot, date(2026, 3, 2), "1").id


def edit(db: Database, plan_id: UUID, *stops: str, base: int) -> int:
    made = Made({"v": stops}, INPUTS, 100 * len(stops), 0)
    with transaction(db, actor=ACTOR) as session:
        return plans.edit(session, plans.get(session, plan_id), made, base=base, note="n").number


def current(db: Database, plan_id: UUID) -> tuple[int, list[str]]:
    with reading(db) as session:
        found = plans.version(session, plans.get(session, plan_id))
        assert found is not None
        return found.number, found.sequences["v"]


def turn(db: Database, plan_id: UUID, way: str) -> int:
    with transaction(db, actor=ACTOR) as session:
        return {"undo": plans.undo, "redo": plans.redo}[way](
            session, plans.get(session, plan_id)
        ).number


def test_undo_restores_the_version_before_and_redo_the_one_after(db: Database, plan: UUID) -> None:
    edit(db, plan, "a", base=0)
    edit(db, plan, "a", "b", base=1)

    assert turn(db, plan, "undo") == 1
    assert current(db, plan) == (1, ["a"])
    assert turn(db, plan, "redo") == 2
    assert current(db, plan) == (2, ["a", "b"])


def test_an_edit_after_undo_opens_another_branch_and_loses_nothing(
    db: Database, plan: UUID
) -> None:
    edit(db, plan, "a", base=0)
    edit(db, plan, "a", "b", base=1)
    turn(db, plan, "undo")

    assert edit(db, plan, "c", base=1) == 3
    assert turn(db, plan, "undo") == 1
    assert turn(db, plan, "redo") == 3
    with reading(db) as session:
        lost = session.get(plans.PlanVersion, (plan, 2))
        assert lost is not None
        assert lost.sequences == {"v": ["a", "b"]}


@pytest.mark.parametrize(
    ("way", "code"), [("undo", "nothing_to_undo"), ("redo", "nothing_to_redo")]
)
def test_there_is_an_end_to_undo_and_redo(db: Database, plan: UUID, way: str, code: str) -> None:
    edit(db, plan, "a", base=0)
    with pytest.raises(Conflict, match=code):
        turn(db, plan, way)


def test_the_second_of_two_dispatchers_is_told_and_overwrites_nothing(
    db: Database, plan: UUID
) -> None:
    edit(db, plan, "a", base=0)
    edit(db, plan, "a", "b", base=1)
    with pytest.raises(Outdated, match=r"plan_changed.*version 2 now, the edit was made on 1"):
        edit(db, plan, "c", base=1)
    assert current(db, plan) == (2, ["a", "b"])


def test_a_stale_plan_is_not_published_and_says_what_changed(db: Database, plan: UUID) -> None:
    edit(db, plan, "a", base=0)
    now = {"delivery a": "2", "delivery new": "1"}
    with (
        pytest.raises(Conflict, match=r"delivery a, delivery new, vehicle v changed"),
        transaction(db, actor=ACTOR) as session,
    ):
        plans.publish(session, plans.get(session, plan), now)
    with reading(db) as session:
        assert plans.get(session, plan).status == "ready"


def test_publishing_supersedes_the_plan_that_was_driven(db: Database) -> None:
    depot = shops.opened(db).depot
    first, second = (drafted(db, depot) for _ in range(2))
    for plan_id in (first, second):
        edit(db, plan_id, "a", base=0)
        with transaction(db, actor=ACTOR) as session:
            plans.publish(session, plans.get(session, plan_id), INPUTS)
    with reading(db) as session:
        assert [plans.get(session, one).status for one in (first, second)] == [
            "superseded",
            "published",
        ]
        kinds = [event.kind for event in events.of(session, first)]
    assert kinds == ["plan.drafted", "plan.edited", "plan.published", "plan.superseded"]


def test_a_plan_without_routes_is_not_published(db: Database, plan: UUID) -> None:
    with (
        pytest.raises(Conflict, match="plan_empty"),
        transaction(db, actor=ACTOR) as session,
    ):
        plans.publish(session, plans.get(session, plan), INPUTS)


def test_a_published_plan_is_not_edited(db: Database, plan: UUID) -> None:
    edit(db, plan, "a", base=0)
    with transaction(db, actor=ACTOR) as session:
        plans.publish(session, plans.get(session, plan), INPUTS)
    with pytest.raises(Conflict, match="wrong_state"):
        edit(db, plan, "b", base=1)
