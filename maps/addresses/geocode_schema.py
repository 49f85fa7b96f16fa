"""The tables of the address index, shared by who writes and who asks."""

from __future__ import annotations

SCHEMA = 1
"""Changes whenever an index of an older shape can no longer be read."""

STREET, PLACE, POI = 0, 1, 2
"""What a row of ``entry`` is."""

UNREAD = -1
"""The base of a house number that is no number ("Villa Rosa")."""

DEGREE = 1e-7
"""The unit of the lines stored: what OpenStreetMap itself rounds to."""

# ``name`` keeps every folded name; ``name_text`` finds those that share three letters with the
# words asked for. Detail none: only whole trigrams are asked for, never phrases.
TABLES = """
create table area(id integer primary key, shown text not null, folded text not null);
create table entry(
    id integer primary key, kind integer not null, name text not null, address text not null,
    area integer not null, lon real not null, lat real not null
);
create table name(id integer primary key, entry integer not null, folded text not null);
create table house(
    id integer primary key, street integer not null, number text not null, lane text not null,
    base integer not null, high integer not null, suffix text not null,
    lon real not null, lat real not null
);
create table piece(id integer primary key, street integer not null, line blob not null);
create virtual table house_box using rtree(id, west, east, south, north);
create virtual table piece_box using rtree(id, west, east, south, north);
create virtual table name_text using fts5(
    folded, content='name', content_rowid='id', tokenize='trigram', detail='none'
);
"""
FINISH = """
insert into name_text(name_text) values ('rebuild');
create index name_folded on name(folded);
create index name_entry on name(entry);
create index house_street on house(street);
analyze;
"""
