"""A day's files that are right; tests change what they are about."""

from __future__ import annotations

from pathlib import Path

GOOD = {
    "orders.csv": (
        "order,lon,lat,name,earliest,latest,service_min,weight_kg,volume_l,skills,priority,depot\n"
        "A1,7.42,43.73,Garage Müller,08:30,10:00,5,12.5,40,,0,\n"
        "A2,7.43,43.74,张三汽修,,,,,,dg,3,W1\n"
        "A3,7.41,43.72,,9:00,,,3,,,,\n"
    ),
    "vehicles.csv": (
        "vehicle,depot,profile,capacity_kg,capacity_l,shift_start,shift_end,skills,cost_fixed,"
        "cost_per_km,cost_per_h,max_km,max_stops\n"
        "van 1,W1,van,400,2000,08:00,17:30,dg,80,1.2,45,200,30\n"
        "van 2,W1,van,,,08:00,17:30,,,,,,\n"
    ),
    "depots.csv": (
        "depot,lon,lat,opens,closes,timezone\nW1,7.42,43.735,07:00,19:00,Europe/Monaco\n"
    ),
}


def write(folder: Path, **changes: str | bytes | None) -> Path:
    """Write the files, with some of them (``orders=...``) changed, or left out by None."""
    folder.mkdir(exist_ok=True)
    for name, text in GOOD.items():
        content = changes.get(name.removesuffix(".csv"), text)
        if isinstance(content, str):
            (folder / name).write_text(content, encoding="utf-8", newline="")
        elif content is not None:
            (folder / name).write_bytes(content)
    return folder


def orders(*rows: str) -> str:
    """Return an orders table of these rows."""
    return "".join(f"{line}\n" for line in (GOOD["orders.csv"].partition("\n")[0], *rows))
