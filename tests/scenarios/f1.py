"""
Fixture F1: the made-up firm in the generated city, on a real `milkrun serve`.

The city is drawn once for all processes of pytest, the firm filled once per process and kind of
database; a test gets a copy. Its day is `dispatch.firm.fill.DAY`, in March 2026.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import pytest

from dispatch import demo
from dispatch.firm import fill, ground
from dispatch.firm.fill import Firm
from dispatch.firm.ground import Ground
from dispatch.firm.people import SIGN_INS
from dispatch.people import users
from dispatch.people.permissions import Role
from dispatch.store import database
from dispatch.store.database import Database, reading
from maps.store import RoadMap
from tests.api.http import serving
from tests.dispatch.people import team
from tests.scenarios.running import Served
from tests.servers.postgres import Postgres

_TEMPLATE = "f1_template"


@dataclass(frozen=True)
class City:
    """The generated city, in a home of its own."""

    home: Path
    ground: Ground
    road_map: RoadMap


@dataclass(kw_only=True)
class F1(Served):
    """The firm, with its database and the process that serves it."""

    db: Database
    firm: Firm
    city: City

    def as_role(self, role: Role) -> httpx.Client:
        """Return a client of the user with a role."""
        return self.client(_token(self.db, role))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    base = tmp_path_factory.getbasetemp()
    # Processes of one run share it: they may draw it at the same time, and keep the same.
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "city-home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_HOME", str(home))
        drawn, road_map = demo.open_city()
    rng = np.random.default_rng(7)
    return City(home, ground.of_city(drawn, rng, index=road_map.geocoder), road_map)


@pytest.fixture(scope="session")
def f1_sqlite_template(
    city: City, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Firm]:
    path = tmp_path_factory.mktemp("f1") / "milkrun.db"
    shutil.copyfile(sqlite_template, path)
    return path, _filled(f"sqlite:///{path}", city)


@pytest.fixture(scope="session")
def f1_postgres_template(city: City, postgres_template: Postgres) -> tuple[Postgres, Firm]:
    postgres_template.create(_TEMPLATE, template="milkrun_template")
    return postgres_template, _filled(postgres_template.url(_TEMPLATE), city)


@pytest.fixture(params=["sqlite", "postgresql"])
def f1(request: pytest.FixtureRequest, city: City, tmp_path: Path) -> Iterator[F1]:
    """The firm at nine in the morning, served, on both databases."""
    with ExitStack() as stack:
        url, firm = stack.enter_context(_copied(request, tmp_path))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("MILKRUN_DATABASE_URL", url)
        patch.setenv("MILKRUN_HOME", str(city.home))
        patch.setenv("MILKRUN_MAP", demo.MAP_NAME)
        patch.setenv("MILKRUN_RATE_PER_CALLER", "100000")
        db = database.open_database(url)
        stack.callback(db.close)
        made = F1(
            stack=stack,
            token=_token(db, Role.DISPATCHER),
            db=db,
            firm=firm,
            city=city,
        )
        made.start()
        yield made


@contextmanager
def _copied(request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[str, Firm]]:
    if request.param == "sqlite":
        template, firm = request.getfixturevalue("f1_sqlite_template")
        path = folder / "milkrun.db"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}", firm
        return
    server, firm = request.getfixturevalue("f1_postgres_template")
    name = f"f1_{uuid4().hex}"
    server.create(name, template=_TEMPLATE)
    yield server.url(name), firm
    server.drop(name)


def _filled(url: str, city: City) -> Firm:
    db = database.open_database(url)
    try:
        return fill.fill(db, city.ground, password_hash=team.password_hash())
    finally:
        # A file is whole, and a template can be copied, once nobody has it open.
        db.close()


def _token(db: Database, role: Role) -> str:
    with reading(db) as session:
        user = users.named(session, SIGN_INS[role])
    return serving.signed_in(db, user.id)
