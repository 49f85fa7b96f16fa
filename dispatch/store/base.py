"""What all tables share: names of constraints, types of columns, keys and versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from dispatch.store import keys

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Both databases name constraints differently; a migration must be able to name each."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, in UTC. SQLite keeps no zone, so a naive one could be anything: refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Serial = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself only in a column that is called INTEGER."""

Document = JSON().with_variant(JSONB(), "postgresql")
DocumentOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""None is SQL's NULL, not a document that says null."""

Key = Annotated[UUID, mapped_column(Uuid(), primary_key=True, default=keys.new)]
Money = Annotated[int, mapped_column(BigInteger)]
"""Minor units of the currency: fen, cents."""
Grams = Annotated[int, mapped_column(BigInteger)]
Millilitres = Annotated[int, mapped_column(BigInteger)]


class Table(DeclarativeBase):
    """A table of Milkrun."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        datetime: Moment(),
        UUID: Uuid(),
        dict[str, Any]: Document,
    }


class Versioned:
    """A row that two people may edit: the second to save is refused, nothing is lost."""

    version: Mapped[int] = mapped_column(Integer, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}
