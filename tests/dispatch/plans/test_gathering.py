"""What a plan is made from, out of a real database on real roads, to the routes that are driven."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest

from dispatch.catalogue.depots import Depot
from dispatch.intake import goods_in
from dispatch.intake.deliveries import Delivery
from dispatch.plans import board, gathering, outline, plans, published, runs, worker
from dispatch.plans.board import Edit
from dispatch.plans.gathering import Gatherer, Inputs
from dispatch.reports import geojson, manifest, plan_html, plan_json, workbook
from dispatch.stock.receiving import Goods
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Outdated
from maps.store import RoadMap
from routing.check import check
from routing.schedule import schedule
from tests.dispatch.plans import round as rounds
from tests.dispatch.plans.round import ACTOR, DAY, Round
from tests.dispatch.plans.searches import look, until
from tests.dispatch.town import point

pytestmark = pytest.mark.xdist_group("town")


@pytest.fixture
def firm(db: Database) -> Round:
    return rounds.opened(db)


@pytest.fixture
def gatherer(town: RoadMap) -> Gatherer:
    return Gatherer(town)


def drafted(firm: Round, wave: str = "") -> UUID:
    with transaction(firm.db, actor=ACTOR) as session:
        return plans.draft(session, firm.depot, DAY, wave).id


def solved(firm: Round, gatherer: Gatherer, plan_id: UUID, seconds: float = 1) -> None:
    with transaction(firm.db, actor=ACTOR) as session:
        run = runs.ask(session, plans.get(session, plan_id), seconds=seconds).id
    worker.made(firm.db, gatherer).work(until=until(lambda: not_open(firm.db, run)))
    assert look(firm.db, run).error is None


def not_open(db: Database, run: UUID) -> bool:
    return look(db, run).state not in runs.OPEN


def test_deliveries_and_shifts_become_a_problem(firm: Round, gatherer: Gatherer) -> None:
    van = firm.van(break_s=2700, break_from=41400, break_to=48600)
    plain = firm.order(1, 1, kg=20)
    timed = firm.order(2, 2, window=(36000, 39600), battery=True, downtime_cost_per_h=26000)
    hours = {"week": {"mon": ["08:00-12:00", "13:00-17:00"]}}
    both = firm.order(3, 3, window=(39600, 50400), hours=hours)
    closed = firm.order(3, 4, hours={"week": {"tue": ["08:00-12:00"]}})
    plan_id = drafted(firm)

    problem = (inputs := gatherer(firm.db, plan_id)).problem
    visits = {visit.id: visit for visit in problem.visits}
    (vehicle,) = problem.vehicles
    assert set(visits) == {plain, timed, both}
    assert visits[plain].delivered == (20_000, 18_000)
    assert visits[plain].windows == ()
    assert visits[plain].service_s == 240 + 12
    assert visits[timed].windows == ((36000, 39600),)
    assert visits[timed].skills == {"dg"}
    assert visits[timed].cost_per_late_h == 26000
    assert visits[both].windows == ((39600, 43200), (46800, 50400))
    assert (vehicle.id, vehicle.shift, vehicle.capacity[0]) == (van, (28800, 61200), 400_000)
    assert [(b.window, b.duration_s) for b in vehicle.breaks] == [((41400, 48600), 2700)]
    (impossible,) = inputs.gathered.impossible
    assert (impossible.visit, impossible.reasons[0].code) == (closed, "CLOSED")


def test_a_wave_leaves_when_it_is_loaded(firm: Round, gatherer: Gatherer) -> None:
    firm.van()
    plan_id = drafted(firm, "1")
    inputs = gatherer(firm.db, plan_id)
    assert inputs.problem.vehicles[0].shift.earliest == 9 * 3600 + 900


def test_nobody_on_duty_is_told(firm: Round, gatherer: Gatherer) -> None:
    with pytest.raises(Conflict, match="no_vehicles"):
        gatherer(firm.db, drafted(firm))


def test_a_plan_is_solved_published_and_followed(firm: Round, gatherer: Gatherer) -> None:
    vans = [firm.van(), firm.van()]
    deliveries = {firm.order(1 + n % 5, n // 5, kg=60) for n in range(10)}
    plan_id = drafted(firm)
    solved(firm, gatherer, plan_id)
    version = current(firm, plan_id)
    assert version.num_unplanned == 0
    assert set(version.sequences) == set(vans)
    stops = [stop for route in version.outline["routes"] for stop in route["stops"]]
    assert {one["id"] for stop in stops for one in stop["deliveries"]} == deliveries
    inputs = gatherer(firm.db, plan_id)
    assert check(inputs.problem, schedule(inputs.problem, version.sequences)) == []

    assert board.publish(firm.db, gatherer, plan_id, note="", actor=ACTOR) == []
    assert states(firm) == {"planned"}
    with reading(firm.db) as session:
        routes = published.routes_of(session, plans.get(session, plan_id))
        assert sorted(route.name for route in routes) == ["V-1", "V-2"]

    # Another plan of the same day leaves the same vehicles and deliveries alone.
    late = firm.order(2, 5)
    next_id = drafted(firm, "1")
    inputs = gatherer(firm.db, next_id)
    assert [visit.id for visit in inputs.problem.visits] == [late]
    ends = {str(route.shift_id): route.ends_at for route in routes}
    for vehicle in inputs.problem.vehicles:
        start = inputs.problem.start
        assert start is not None
        assert vehicle.shift.earliest >= (ends[vehicle.id] - start).total_seconds()

    # A successor without one of the orders takes its place.
    follower = copied(firm, plan_id)
    out = sorted(deliveries)[0]
    board.save(
        firm.db, gatherer, follower, Edit("remove", [out]), on=1, note="not today", actor=ACTOR
    )
    later = firm.order(3, 5)
    with pytest.raises(Conflict, match="order A-12 changed since"):
        board.publish(firm.db, gatherer, follower, note="", actor=ACTOR)
    assert board.changed(firm.db, gatherer, follower) == ["order A-12"]
    board.save(firm.db, gatherer, follower, Edit("refresh"), on=2, note="", actor=ACTOR)
    assert board.publish(firm.db, gatherer, follower, note="", actor=ACTOR) == [plan_id]
    assert states(firm, out, late, later) == {"pending"}
    assert states(firm, *(deliveries - {out})) == {"planned"}


def test_an_edit_is_priced_before_and_needs_a_note_when_it_breaks_a_rule(
    firm: Round, gatherer: Gatherer
) -> None:
    first, second = firm.van(), firm.van(capacity_g=60_000)
    heavy = firm.order(5, 5, kg=380)
    light = firm.order(1, 3, kg=50)
    plan_id = drafted(firm)
    solved(firm, gatherer, plan_id)
    before = current(firm, plan_id)
    assert heavy in before.sequences[first]

    drag = Edit("move", [heavy], vehicle=second, position=0)
    seen = board.propose(firm.db, gatherer, plan_id, drag)
    (overload,) = [one for one in seen.preview.violations if one.code == "overload"]
    assert overload.amount == 370_000
    with pytest.raises(Conflict, match="note_needed") as refused:
        board.save(firm.db, gatherer, plan_id, drag, on=1, note="", actor=ACTOR)
    assert "weight 370 kg over the capacity of 60 kg" in refused.value.cause
    forced = board.save(firm.db, gatherer, plan_id, drag, on=1, note="trailer", actor=ACTOR)
    assert forced.outline["violations"][0]["vehicle"] == "V-2"
    assert forced.objective - before.objective == seen.preview.price
    with transaction(firm.db, actor=ACTOR) as session:
        back = plans.undo(session, plans.get(session, plan_id))
        assert (back.number, back.sequences) == (1, before.sequences)
    assert light in {stop for stops in before.sequences.values() for stop in stops}


def test_the_second_of_two_editors_sees_what_differs_and_merges(
    firm: Round, gatherer: Gatherer
) -> None:
    van, other = firm.van(), firm.van()
    a, b, c = (firm.order(1 + n, 3) for n in range(3))
    plan_id = drafted(firm)
    board.save(
        firm.db, gatherer, plan_id, Edit("move", [a, b], vehicle=van), on=0, note="", actor="x"
    )
    board.save(firm.db, gatherer, plan_id, Edit("reverse", vehicle=van), on=1, note="", actor="x")
    mine = Edit("move", [c], vehicle=other)
    with pytest.raises(Outdated, match="plan_changed") as refused:
        board.save(firm.db, gatherer, plan_id, mine, on=1, note="", actor="y")
    assert {one.field for one in refused.value.differences} == {"route of V-1", "route of V-2"}
    merged = board.save(firm.db, gatherer, plan_id, mine, on=2, note="", actor="y")
    assert merged.sequences == {van: [b, a], other: [c]}


def test_locks_hold_in_edits_and_in_the_search(firm: Round, gatherer: Gatherer) -> None:
    vans = [firm.van() for _ in range(3)]
    ids = [firm.order(1 + n % 5, 1 + n // 5) for n in range(9)]
    plan_id = drafted(firm)
    for number, van in enumerate(vans):
        own = ids[number::3][::-1]
        board.save(
            firm.db,
            gatherer,
            plan_id,
            Edit("move", own, vehicle=van),
            on=number,
            note="",
            actor="x",
        )
    save = [Edit("lock", vehicle=vans[0]), Edit("lock", vehicle=vans[1], number=2)]
    for number, edit in enumerate(save):
        board.save(firm.db, gatherer, plan_id, edit, on=3 + number, note="", actor="x")
    before = current(firm, plan_id)
    with pytest.raises(Conflict, match="route_locked"):
        board.propose(firm.db, gatherer, plan_id, Edit("reverse", vehicle=vans[0]))
    solved(firm, gatherer, plan_id)
    after = current(firm, plan_id)
    assert after.sequences[vans[0]] == before.sequences[vans[0]]
    assert after.sequences[vans[1]][:2] == before.sequences[vans[1]][:2]
    assert after.objective <= before.objective
    assert after.decisions == before.decisions


def test_what_would_help_is_granted_at_its_price(firm: Round, gatherer: Gatherer) -> None:
    firm.van()
    firm.order(1, 3)
    early = firm.order(6, 6, window=(7 * 3600, 8 * 3600))
    plan_id = drafted(firm)
    solved(firm, gatherer, plan_id)
    before = current(firm, plan_id)
    (left_out,) = before.outline["unplanned"]
    assert (left_out["id"], left_out["order"]) == (early, "A-2")
    _, told = board.explained(firm.db, gatherer, plan_id, early)
    first = told.relaxations[0]
    grant = Edit("grant", [early], relaxation=first.kind, who=first.who)
    version = board.save(firm.db, gatherer, plan_id, grant, on=1, note="", actor=ACTOR)
    assert version.objective - before.objective == first.price
    assert version.outline["unplanned"] == []
    solved(firm, gatherer, plan_id)
    assert current(firm, plan_id).num_unplanned == 0


def test_what_came_too_late_is_taken_along_and_whom_it_delays_is_told_before(
    firm: Round, gatherer: Gatherer
) -> None:
    van = firm.van()
    on_time = [firm.order(1, 3), firm.order(4, 3)]
    plan_id = drafted(firm, "1")
    save = Edit("move", on_time, vehicle=van)
    board.save(firm.db, gatherer, plan_id, save, on=0, note="", actor=ACTOR)
    board.publish(firm.db, gatherer, plan_id, note="", actor=ACTOR)
    late = firm.order(2, 3, at=9 * 3600 + 240)
    assert late not in gatherer(firm.db, plan_id).gathered.orders

    follower = copied(firm, plan_id)
    inputs, ways = board.quoted(firm.db, gatherer, follower, late)
    assert late in ways[0].route.sequence
    assert {(moved.visit, moved.by_s) for moved in ways[0].moved} == {(on, 240) for on in on_time}
    assert inputs.problem.start is not None
    hold = Edit("take_along", [late], vehicle=van, position=1)
    seen = board.propose(firm.db, gatherer, follower, hold)
    before, after = (
        schedule(inputs.problem, routes).routes[0]
        for routes in (current(firm, follower).sequences, seen.routes)
    )
    assert (before.departure, after.departure) == (33300, 33540)
    assert {change.visit for change in seen.preview.changes} == {*on_time, late}
    assert seen.preview.violations == ()
    board.save(firm.db, gatherer, follower, hold, on=1, note="", actor=ACTOR)
    assert board.publish(firm.db, gatherer, follower, note="", actor=ACTOR) == [plan_id]
    assert states(firm, late) == {"planned"}


def test_a_what_if_changes_nothing_and_is_never_driven(firm: Round, gatherer: Gatherer) -> None:
    van = firm.van()
    firm.order(1, 3)
    plan_id = drafted(firm, "1")
    solved(firm, gatherer, plan_id)
    firm.order(2, 3, at=9 * 3600 + 600)
    with transaction(firm.db, actor=ACTOR) as session:
        plan = plans.get(session, plan_id)
        version = plan.version
        later = plans.copy(session, plan, shadow=True, assumptions={"cut_off_later_s": 900}).id
        alone = plans.copy(session, plan, shadow=True, assumptions={"without": [van]}).id
    solved(firm, gatherer, later)
    live, other = (current(firm, key).outline["figures"] for key in (plan_id, later))
    assert (live["num_orders"], other["num_orders"]) == (1, 2)
    assert other["cost"] > live["cost"]
    assert gatherer(firm.db, later).problem.vehicles[0].shift.earliest == 33300 + 900
    with reading(firm.db) as session:
        assert plans.get(session, plan_id).version == version
    with pytest.raises(Conflict, match="plan_is_what_if"):
        board.publish(firm.db, gatherer, later, note="", actor=ACTOR)
    with pytest.raises(Conflict, match="no_vehicles"):
        gatherer(firm.db, alone)


def test_depots_that_share_vehicles_load_at_each_other(
    firm: Round, gatherer: Gatherer, town: RoadMap
) -> None:
    """The other depot has goods and no vehicle of its own."""
    van = firm.van()
    here = firm.order(1, 3)
    other = at_another_depot(firm, point(6, 3))
    there = other.order(5, 3)
    with transaction(firm.db, actor=ACTOR) as session:
        plan_id = plans.draft(session, firm.depot, DAY, shared_with=[other.depot]).id
    solved(firm, gatherer, plan_id)
    version = current(firm, plan_id)
    load = f"load at {other.depot}"
    assert version.num_unplanned == 0
    (sequence,) = version.sequences.values()
    assert sequence.index(load) < sequence.index(there)
    assert here in sequence
    assert [stop["is_reload"] for stop in version.outline["routes"][0]["stops"]].count(True) == 1
    planned = board.shown(firm.db, gatherer, plan_id)
    assert planned.routes[0].id.endswith("V-1")
    assert {stop.name for stop in planned.routes[0].stops} == {"店1", "店2", "W2"}
    assert json.dumps(geojson.document(planned))
    (route,) = plan_json.document(planned)["routes"]
    # Each job has its own order's texts, also behind the halt to load again.
    jobs = [step for step in route["steps"] if step["type"] == "job"]
    assert [job["name"] for job in jobs] == [
        stop.name for stop in planned.routes[0].stops if stop.name != "W2"
    ]
    about = plan_json.document(planned)["plan"]
    assert (about["orders"], about["orders_planned"]) == (2, 2)
    assert len(planned.routes[0].orders) == 2
    assert workbook.workbook(planned)
    assert manifest.manifest(planned, planned.routes[0])
    assert plan_html.render(planned, town.basemap)
    board.publish(firm.db, gatherer, plan_id, note="", actor=ACTOR)
    assert states(firm, here, there) == {"planned"}
    assert van in version.sequences


def test_outlines_name_things_as_people_do(firm: Round, gatherer: Gatherer) -> None:
    van = firm.van(capacity_g=5_000)
    heavy = firm.order(1, 3)
    inputs: Inputs = gatherer(firm.db, drafted(firm))
    seen = outline.of(inputs, schedule(inputs.problem, {van: [heavy]}))
    (violation,) = seen["violations"]
    assert (violation["vehicle"], violation["order"]) == ("V-1", "A-1")
    assert van not in violation["cause"]


def test_what_a_plan_is_made_from_is_told_apart_by_name(firm: Round, gatherer: Gatherer) -> None:
    firm.van()
    firm.order(1, 3)
    inputs = gatherer(firm.db, drafted(firm))
    assert {"order A-1", "vehicle V-1", "depot W1", gathering.THE_MAP} == set(inputs.digests)
    heavier = replace(inputs.gathered.day.orders[0], weight_g=1)
    other = replace(inputs.gathered, day=replace(inputs.gathered.day, orders=(heavier,)))
    assert plans.changes(inputs.digests, gathering.digests_of(other)) == ["order A-1", "the map"]


def current(firm: Round, plan_id: UUID) -> plans.PlanVersion:
    with reading(firm.db) as session:
        found = plans.version(session, plans.get(session, plan_id))
        assert found is not None
        return found


def at_another_depot(firm: Round, at: tuple[float, float]) -> Round:
    """Return the same firm as it orders from another depot with stock."""
    with transaction(firm.db, actor=ACTOR) as session:
        depot = Depot(name="W2", lon=at[0], lat=at[1], time_zone="Europe/Monaco")
        session.add(depot)
        session.flush()
        goods = [Goods(firm.part, 100, "A-01", None)]
        goods_in.receive(session, depot.id, goods, supplier="S", document="D")
        return replace(firm, depot=depot.id)


def copied(firm: Round, plan_id: UUID) -> UUID:
    with transaction(firm.db, actor=ACTOR) as session:
        return plans.copy(session, plans.get(session, plan_id), shadow=False).id


def states(firm: Round, *deliveries: str) -> set[str]:
    with reading(firm.db) as session:
        found = session.query(Delivery).all()
        wanted = set(deliveries) or {str(one.id) for one in found}
        return {one.status for one in found if str(one.id) in wanted}
