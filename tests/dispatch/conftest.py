from __future__ import annotations

import pytest

from maps import store
from maps.store import RoadMap
from tests.dispatch import town as town_file


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> RoadMap:
    """Return the town of `tests.dispatch.town`, imported as any other map."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("MILKRUN_HOME", str(folder / "home"))
        return store.open_map(str(town_file.write(folder / "town.osm")))
