"""Writes Delta tables with deltalake, and says which rows deltalake finds in Delta tables.

deltalake_tables.py write TABLES
deltalake_tables.py more TABLES: writes to the tables that write-tables.ts made.
deltalake_tables.py race TABLES COUNT: appends that many rows to the table `race`, one by one.
deltalake_tables.py raced TABLES COUNT: fails unless it has that many rows of each writer.
deltalake_tables.py rows TABLES ROWS NAME...
"""

import base64
import datetime
import decimal
import json
import pathlib
import sys

import deltalake
import pyarrow

KINDS = ["plain", "ä 🚲/é", "a=b&c%d+e #?", "it's \"quoted\"", None]


def rows(start: int, count: int, **more) -> pyarrow.Table:
    ids = range(start, start + count)
    day = datetime.date(1899, 12, 30)
    moment = datetime.datetime(1850, 1, 1, tzinfo=datetime.timezone.utc)
    return pyarrow.table(
        {
            "id": pyarrow.array(ids, pyarrow.int64()),
            "kind": pyarrow.array([KINDS[row % 5] for row in ids], pyarrow.string()),
            "day": pyarrow.array([None if row % 4 == 3 else day + datetime.timedelta(days=row % 4) for row in ids], pyarrow.date32()),
            "value": pyarrow.array([None if row % 7 == 0 else row / 8 for row in ids], pyarrow.float64()),
            "price": pyarrow.array([decimal.Decimal(row).scaleb(-2) for row in ids], pyarrow.decimal128(20, 2)),
            "at": pyarrow.array([moment + datetime.timedelta(hours=row, microseconds=row) for row in ids], pyarrow.timestamp("us", tz="UTC")),
            "local": pyarrow.array([datetime.datetime(2024, 1, 1) + datetime.timedelta(days=row) for row in ids], pyarrow.timestamp("us")),
            "bytes": pyarrow.array([bytes([row % 256]) for row in ids], pyarrow.binary()),
            "items": pyarrow.array([[{"a": row, "b": None}] for row in ids], pyarrow.list_(pyarrow.struct({"a": pyarrow.int32(), "b": pyarrow.string()}))),
            **{name: [value] * count for name, value in more.items()},
        }
    )


def write(tables: pathlib.Path) -> None:
    for name, partitions in {"whole": None, "parts": ["kind", "day"], "moments": ["at"]}.items():
        path = str(tables / name)
        count = 20 if name == "moments" else 300
        for start in range(0, 3 * count, count):
            deltalake.write_deltalake(path, rows(start, count), mode="append", partition_by=partitions)
        table = deltalake.DeltaTable(path)
        table.delete("id % 4 = 0")
        table.update(updates={"value": "-1"}, predicate="id % 10 = 1")
        changes = rows(count, 2 * count)
        (
            table.merge(changes, "t.id = s.id", source_alias="s", target_alias="t")
            .when_matched_delete("s.id % 5 = 2")
            .when_matched_update({"price": "s.price * 2"})
            .when_not_matched_insert_all()
            .execute()
        )
        deltalake.DeltaTable(path).create_checkpoint()
        deltalake.write_deltalake(path, rows(5 * count, 50, note="new"), mode="append", schema_mode="merge")
        deltalake.DeltaTable(path).optimize.compact()
        deltalake.DeltaTable(path).delete("id between 10 and 12")
    path = str(tables / "replaced")
    deltalake.write_deltalake(path, rows(0, 50))
    deltalake.write_deltalake(path, pyarrow.table({"other": ["a", None]}), mode="overwrite", schema_mode="overwrite")
    deltalake.DeltaTable(path).delete()


def write_more(tables: pathlib.Path) -> None:
    types = deltalake.DeltaTable(str(tables / "ours_types"))
    types.delete("id = 1")
    many = deltalake.DeltaTable(str(tables / "ours_many"))
    many.optimize.compact()
    more = pyarrow.table({"n": pyarrow.array([99], pyarrow.int32()), "v": ["late"], "p": pyarrow.array([1], pyarrow.int32())})
    deltalake.write_deltalake(many, more, mode="append")
    parts = deltalake.DeltaTable(str(tables / "ours_parts"))
    parts.update(updates={"ratio": "-1.0"}, predicate="kind = 'a=b&c%d+e #?' and day is not null")
    parts.create_checkpoint()


def race(tables: pathlib.Path, count: int) -> None:
    for row in range(count):
        rows = pyarrow.table({"writer": ["deltalake"], "n": pyarrow.array([row], pyarrow.int64())})
        deltalake.write_deltalake(str(tables / "race"), rows, mode="append")


def raced(tables: pathlib.Path, count: int) -> None:
    found = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(str(tables / "race")))
    sql = "select writer, count(*) as n, count(distinct n) as d from t group by writer order by writer"
    rows = pyarrow.table(found.execute(sql).read_all()).to_pylist()
    print(rows)
    assert rows == [{"writer": name, "n": count, "d": count} for name in ("deltalake", "notelake")]


def dump(tables: pathlib.Path, folder: pathlib.Path, names: list[str]) -> None:
    folder.mkdir(parents=True)
    for name in names:
        logs = sorted((tables / name / "_delta_log").glob("*.json"))
        for version in [int(log.stem) for log in logs if log.stem.isdigit()]:
            table = deltalake.DeltaTable(str(tables / name), version=version)
            found = deltalake.QueryBuilder().register("t", table).execute("select * from t").read_all()
            dump_version(folder / f"{name}@{version}.jsonl", table, pyarrow.table(found))


def dump_version(path: pathlib.Path, table: deltalake.DeltaTable, found: pyarrow.Table) -> None:
    types = {field["name"]: field["type"] for field in json.loads(table.schema().to_json())["fields"]}
    names = list(types)
    columns = [{"name": name, "type": kind if isinstance(kind, str) else kind["type"]} for name, kind in types.items()]
    cells = [[text(cell) for cell in found[name].to_pylist()] for name in names]
    with path.open("w", encoding="utf8") as out:
        print(json.dumps({"time": 0, "columns": columns}), file=out)
        for row in zip(*cells):
            print(json.dumps(row), file=out)


def text(cell) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    if isinstance(cell, datetime.datetime):
        moment = cell.replace(tzinfo=None).isoformat(" ")
        return moment.rstrip("0") if cell.microsecond else moment
    if isinstance(cell, float):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(cell), repr(cell))
    if isinstance(cell, (list, dict)):
        return json.dumps(plain(cell))
    return format(cell, "f") if isinstance(cell, decimal.Decimal) else str(cell)


def plain(value):
    """Maps arrive as pairs."""
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        return {key: plain(item) for key, item in value}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, (datetime.date, decimal.Decimal)) else value


if __name__ == "__main__":
    command, tables, *more = sys.argv[1:]
    if command == "write":
        write(pathlib.Path(tables))
    elif command == "more":
        write_more(pathlib.Path(tables))
    elif command == "race":
        race(pathlib.Path(tables), int(more[0]))
    elif command == "raced":
        raced(pathlib.Path(tables), int(more[0]))
    else:
        dump(pathlib.Path(tables), pathlib.Path(more[0]), more[1:])
