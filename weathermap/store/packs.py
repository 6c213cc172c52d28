"""Who writes issues holds the city's pack meanwhile; who changes the pack, or re-routes by it, has it alone."""

from __future__ import annotations

from sqlalchemy import Connection, text

from weathermap.errors import StoreError

PACK_LOCK = 0x9ACC  # with the city's id beside it


def have_pack_alone(connection: Connection, city_id: int) -> None:
    """From here to the end of the transaction nobody else writes an issue of the city or loads a pack of it."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock, :city)"), {"lock": PACK_LOCK, "city": city_id})


def holding_pack(city_id: int) -> str:
    """The statement that holds a city's pack to the end of the transaction; which one, only a later statement sees."""
    return f"SELECT pg_advisory_xact_lock_shared({PACK_LOCK}, {city_id})"


def hold_pack(connection: Connection, city_id: int, pack_version: int) -> None:
    """To the end of the transaction no pack of the city is loaded. Raises StoreError when a newer one was already."""
    # two statements in one round trip: what the second sees is committed after the lock was had
    newest = connection.exec_driver_sql(
        f"{holding_pack(city_id)};SELECT max(pack_version) FROM pack_version WHERE city_id = %s", (city_id,)
    ).scalar_one()
    check_pack(newest, pack_version)


def check_pack(newest: int, pack_version: int) -> None:
    """Raises StoreError when the newest pack is not the one that was opened."""
    if newest != pack_version:
        raise StoreError("Another pack of the city was loaded meanwhile.", "Nothing was stored; try again.")
