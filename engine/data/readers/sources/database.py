"""Tables and queries of databases, whose rows are copied to a temporary Arrow file.

What follows # in a path is the name of a table or, if it has a space, a query: `shop.db#posts`,
`postgresql://user@host/database#select text, label from posts order by id`. The connection can't
write. The password comes from PGPASSWORD or ~/.pgpass; one in a URL is used, and stored nowhere.
"""

from __future__ import annotations

import os
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.process_folder import new_process_folder, set_time_by_content
from engine.core.formatting.urls import DATABASE_SCHEMES, path_text, url_of, without_credentials
from engine.data.table.dtypes import missing_package_error

_POSTGRESQL, _SQLITE, _DUCKDB = "adbc_driver_postgresql", "adbc_driver_sqlite", "duckdb"
_FILE_DRIVERS = {
    ".db": _SQLITE, ".sqlite": _SQLITE, ".sqlite3": _SQLITE, ".duckdb": _DUCKDB,
}  # fmt: skip
_CONNECT_SECONDS = 15
_BATCH_ROWS = 2**16  # SQLite has no types: those of the first batch are the types of all
_SYSTEM_SCHEMAS = ("pg_catalog", "information_schema", "pg_toast")


def query_result(path: Path) -> Path | None:
    """Return an Arrow file with the rows that a path names in a database; None for other paths.

    The query is run once in a process.

    Raises:
        DiagnosticError: if the driver is not installed, the database can't be opened, or the query
            fails.
        OSError: if the file can't be written.
    """
    location, _, part = (url_of(path) or str(path)).partition("#")
    driver = _FILE_DRIVERS.get(Path(location).suffix.lower())
    if url_of(path):
        driver = _POSTGRESQL if location.startswith(DATABASE_SCHEMES) else None
    elif path.is_dir() or not os.path.isfile(location):
        return None
    return _result(driver, location, part.strip(), path) if driver else None


@cache
def _result(driver: str, location: str, part: str, path: Path) -> Path:
    try:
        from adbc_driver_manager.dbapi import Error

        connection = _connect(driver, location, path)
    except ImportError as error:
        package, install = str(error.name), '"layerloom[sql]"'
        raise missing_package_error("databases need", package, install, path_text(path)) from error
    file = new_process_folder() / "rows.arrow"
    with closing(connection):
        try:
            query = _query_of(part, connection, path)
            with connection.cursor() as cursor:
                _write_rows(cursor, driver, query, file, path)
        except Error as error:
            raise _query_error(path, _message(error)) from error
    set_time_by_content(file)
    return file


def _connect(driver: str, location: str, path: Path) -> Any:
    """Return a connection that can't write.

    Raises:
        DiagnosticError: if the database can't be opened.
        ImportError: if the driver is not installed.
    """
    from adbc_driver_manager import dbapi

    try:
        if driver == _SQLITE:
            from adbc_driver_sqlite.dbapi import connect as connect_sqlite

            return connect_sqlite(f"{Path(location).absolute().as_uri()}?mode=ro")
        if driver == _DUCKDB:
            from adbc_driver_duckdb import driver_path

            options = {"path": location, "access_mode": "READ_ONLY"}
            return dbapi.connect(driver_path(), entrypoint="duckdb_adbc_init", db_kwargs=options)
        from adbc_driver_postgresql.dbapi import connect as connect_postgresql

        timeout = f"{'&' if '?' in location else '?'}connect_timeout={_CONNECT_SECONDS}"
        return connect_postgresql(
            location if "connect_timeout=" in location else location + timeout
        )
    except dbapi.Error as error:
        raise diagnostic_error(
            "data-url",
            "can't open the database",
            "Correct the address: postgresql://user@host/database#table. Is the server running?",
            "Set the password in the environment, as PGPASSWORD, or in the file ~/.pgpass.",
            place=path_text(path),
            found=_message(error),
            expected="a reachable database",
        ) from error


def _query_of(part: str, connection: Any, path: Path) -> str:
    """Return the query that a part of a path means; without a part, there must be one table."""
    if not part:
        found = connection.adbc_get_objects(depth="tables").read_all().to_pylist()
        schemas = [schema for catalog in found for schema in catalog["catalog_db_schemas"]]
        tables = [
            (schema["db_schema_name"], table["table_name"])
            for schema in schemas
            if schema["db_schema_name"] not in _SYSTEM_SCHEMAS
            for table in schema["db_schema_tables"]
        ]
        if len(tables) != 1:
            names = [name for _, name in tables]
            raise _query_error(path, f"tables: {', '.join(names) or 'none'}", *names[:1])
        return _select_all(*tables[0])
    return part if any(char.isspace() for char in part) else _select_all(*part.split("."))


def _select_all(*names: str | None) -> str:
    quoted = ('"' + name.replace('"', '""') + '"' for name in names if name)
    return f"select * from {'.'.join(quoted)}"


def _write_rows(cursor: Any, driver: str, query: str, file: Path, path: Path) -> None:
    """Write the rows of a query into an Arrow file, in batches."""
    import pyarrow as pa

    from engine.data.table.rebatch import rebatch

    if driver == _POSTGRESQL:
        cursor.execute("set transaction read only")
    if driver == _SQLITE:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_BATCH_ROWS)})
    cursor.execute(query)
    reader = cursor.fetch_record_batch()
    if not len(reader.schema):
        raise _query_error(path, "a statement that returns no rows")
    with pa.ipc.new_file(file, _plain(reader.schema.empty_table()).schema) as writer:
        for table in rebatch(reader, _BATCH_ROWS, reader.schema):
            writer.write_table(_plain(table))


def _plain(table: Any) -> Any:
    """Return a table with decimals of PostgreSQL as numbers, and other special types as stored."""
    import pyarrow as pa

    columns = []
    for column in table.columns:
        is_special = isinstance(column.type, pa.BaseExtensionType)
        is_number = is_special and getattr(column.type, "type_name", "") == "numeric"
        stored = column.cast(column.type.storage_type) if is_special else column
        columns.append(stored.cast(pa.float64()) if is_number else stored)
    return pa.table(columns, table.column_names)


def _message(error: Exception) -> str:
    """Return the first line of a driver's message; it may quote the URL."""
    return without_credentials(" ".join(str(error).partition("\n")[0].split()))[:160]


def _query_error(path: Path, found: str, table: str = "TABLE") -> DiagnosticError:
    location = path_text(path).partition("#")[0]
    return diagnostic_error(
        "data-query",
        "the database query failed",
        f"Name a table or a query: --data '{location}#{table}', or '{location}#select ...'.",
        place=path_text(path),
        found=found,
        expected="the name of a table, or a query that only reads",
    )
