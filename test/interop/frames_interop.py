"""Makes files with pyarrow and pandas, and compares the cells that notelake read of them."""

import datetime
import decimal
import json
import math
import pathlib
import random
import sys

import deltalake
import openpyxl
import pandas
import pyarrow
import pyarrow.compute
import pyarrow.dataset
import pyarrow.feather
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet

ROWS = 5000


def make(files: pathlib.Path) -> None:
    draw = random.Random(1)

    def column(arrow_type, value, gaps=True):
        cells = [None if gaps and draw.random() < 0.1 else value() for _ in range(ROWS)]
        return pyarrow.array(cells, arrow_type)

    def moment(unit):
        scale = {"ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        return lambda: draw.randrange(-(10**9) * scale, 2 * 10**9 * scale)

    table = pyarrow.table(
        {
            "i8": column(pyarrow.int8(), lambda: draw.randrange(-128, 128)),
            "u16": column(pyarrow.uint16(), lambda: draw.randrange(2**16)),
            "i32": column(pyarrow.int32(), lambda: draw.randrange(-(2**31), 2**31), gaps=False),
            "u32": column(pyarrow.uint32(), lambda: draw.randrange(2**32)),
            "i64_safe": column(pyarrow.int64(), lambda: draw.randrange(-(2**53) + 1, 2**53)),
            "i64": column(pyarrow.int64(), lambda: draw.randrange(-(2**63), 2**63)),
            "u64": column(pyarrow.uint64(), lambda: draw.randrange(2**64)),
            "f32": column(pyarrow.float32(), lambda: draw.uniform(-1e6, 1e6)),
            "f64": column(pyarrow.float64(), lambda: draw.choice([draw.gauss(0, 1e9), math.nan, math.inf])),
            "money": column(pyarrow.decimal128(12, 2), lambda: decimal.Decimal(draw.randrange(-(10**12) + 1, 10**12)).scaleb(-2)),
            "wide": column(pyarrow.decimal128(38, 9), lambda: decimal.Decimal(draw.randrange(10**37)).scaleb(-9)),
            "yes": column(pyarrow.bool_(), lambda: draw.random() < 0.5),
            "text": column(pyarrow.string(), lambda: draw.choice(["", "a", "null", "Zürich 🚲", 'q"uo,te\n', " x "])),
            "group": column(pyarrow.string(), lambda: draw.choice("abc")).dictionary_encode(),
            "day": column(pyarrow.date32(), lambda: datetime.date.fromordinal(draw.randrange(1, 3_000_000))),
            "ms": column(pyarrow.timestamp("ms"), moment("ms")),
            "us": column(pyarrow.timestamp("us"), moment("us")),
            "ns": column(pyarrow.timestamp("ns"), moment("ns")),
            "ns_whole": column(pyarrow.timestamp("ns"), lambda: moment("ms")() * 10**6),
            "zoned": column(pyarrow.timestamp("ms", tz="Europe/Berlin"), moment("ms")),
            "list": column(pyarrow.list_(pyarrow.int32()), lambda: [draw.randrange(9), None]),
            "struct": column(pyarrow.struct({"k": pyarrow.string()}), lambda: {"k": "v"}),
            "none": pyarrow.nulls(ROWS, pyarrow.int32()),
        }
    )
    for codec in ["snappy", "gzip", "zstd"]:
        pyarrow.parquet.write_table(table, files / f"types-{codec}.parquet", compression=codec, row_group_size=1000)
    pyarrow.parquet.write_table(table, files / "types.parquet")
    make_arrow(files, table, column)
    make_excel(files / "book.xlsx", draw)
    flat = table.drop_columns(["list", "struct", "none", "f64", "wide", "ns", "zoned", "u64"]).to_pandas(types_mapper=pandas.ArrowDtype)
    # What a CSV file cannot tell apart is left out of it: null and empty text.
    flat["text"] = flat["text"].replace("", "-")
    flat.to_csv(files / "types.csv", index=False)
    flat.to_csv(files / "types.csv.gz", index=False)
    flat.to_csv(files / "types.tsv", index=False, sep="\t")
    # Written by Python itself: of 15 decimals, as pandas has them at most, not every double comes back.
    lines = table.select(["i8", "i32", "i64_safe", "f32", "yes", "text", "group"]).to_pylist()
    (files / "lines.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (files / "list.json").write_text(json.dumps(lines))
    parts = table.select(["i32", "f64", "group", "text"]).append_column(
        "year", pyarrow.array([2020 + row % 3 for row in range(ROWS)])
    )
    parts = parts.set_column(2, "group", parts["group"].cast(pyarrow.string()))
    parts = parts.filter(pyarrow.compute.is_valid(parts["group"]))
    pyarrow.dataset.write_dataset(
        parts, files / "dataset", format="parquet",
        partitioning=pyarrow.dataset.partitioning(pyarrow.schema([("year", pyarrow.int64()), ("group", pyarrow.string())]), flavor="hive"),
    )


    make_tables(files / "tables")


def make_arrow(files: pathlib.Path, table: pyarrow.Table, column) -> None:
    """The same as files and streams, with types besides that Parquet does not have."""
    draw = random.Random(2)
    words = ["", "Zürich 🚲", "longer than twelve bytes"]
    more = {
        "large_text": column(pyarrow.large_string(), lambda: draw.choice(words)),
        "seen_text": column(pyarrow.string_view(), lambda: draw.choice(words)),
        "half": column(pyarrow.float16(), lambda: draw.randrange(-2048, 2048) / 8),
        "narrow": column(pyarrow.decimal32(7, 2), lambda: decimal.Decimal(draw.randrange(-(10**7) + 1, 10**7)).scaleb(-2)),
        "negative": column(pyarrow.decimal128(38, 9), lambda: -decimal.Decimal(draw.randrange(10**37)).scaleb(-9)),
        "widest": column(pyarrow.decimal256(38, 3), lambda: -decimal.Decimal(draw.randrange(10**37)).scaleb(-3)),
        "day64": column(pyarrow.date64(), lambda: datetime.date.fromordinal(draw.randrange(1, 3_000_000))),
        "seconds": column(pyarrow.timestamp("s"), lambda: draw.randrange(-(10**10), 10**10)),
        "fixed": column(pyarrow.list_(pyarrow.int16(), 2), lambda: [draw.randrange(9), None]),
        "deep": column(
            pyarrow.list_(pyarrow.struct({"k": pyarrow.list_(pyarrow.string())})),
            lambda: [{"k": ["v"]}, None, {"k": []}][: draw.randrange(4)],
        ),
    }
    for name, values in more.items():
        table = table.append_column(name, values)
    ipc = pyarrow.ipc
    for codec in [None, "lz4", "zstd"]:
        options = ipc.IpcWriteOptions(compression=codec)
        with ipc.new_file(files / f"types-{codec}.arrow", table.schema, options=options) as sink:
            sink.write_table(table, max_chunksize=1500)
        with ipc.new_stream(files / f"types-{codec}.arrows", table.schema, options=options) as sink:
            sink.write_table(table, max_chunksize=1500)
    pyarrow.feather.write_feather(table, files / "types.feather")


def make_excel(path: pathlib.Path, draw: random.Random) -> None:
    """Three sheets; written by openpyxl, the first of them through pandas."""

    def cells(value):
        return [None if draw.random() < 0.1 else value() for _ in range(ROWS)]

    moment = datetime.datetime(1950, 1, 1)
    frame = pandas.DataFrame(
        {
            "whole": pandas.array(cells(lambda: draw.randrange(-(2**53) + 1, 2**53) // 8), "Int64"),
            "number": cells(lambda: draw.gauss(0, 1e9)),
            "text": cells(lambda: draw.choice(["a", "Zürich 🚲", " x ", "007", "1e3", "2020-01-01", "two\nlines"])),
            "yes": pandas.array(cells(lambda: draw.random() < 0.5), "boolean"),
            "moment": cells(lambda: moment + datetime.timedelta(milliseconds=draw.randrange(5 * 10**12))),
            "day": cells(lambda: datetime.datetime(1900, 3, 1) + datetime.timedelta(days=draw.randrange(70_000))),
        }
    )
    with pandas.ExcelWriter(path, engine="openpyxl") as writer:
        frame.to_excel(writer, sheet_name="all", index=False)
        frame.iloc[:100, :2].to_excel(writer, sheet_name="lower", index=False, startrow=4, startcol=3)
        frame.iloc[:50, 4:].to_excel(writer, sheet_name="dates", index=False)
    old = openpyxl.Workbook()
    old.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in [["day"], *[[day] for day in frame["day"].dropna()[:100]]]:
        old.active.append(row)
    old.save(path.with_name("mac.xlsx"))


def make_tables(tables: pathlib.Path) -> None:
    """Delta tables with a history: appends, deletions, a new column, a checkpoint, an overwrite."""

    def rows(start, count, **more):
        ids = list(range(start, start + count))
        day = datetime.date(2024, 1, 1)
        return pyarrow.table(
            {
                "id": pyarrow.array(ids, pyarrow.int64()),
                "day": [day + datetime.timedelta(days=row % 3) for row in ids],
                "kind": [None if row % 5 == 0 else f"k {row % 2}/ä" for row in ids],
                "value": [None if row % 7 == 0 else row / 8 for row in ids],
                "price": pyarrow.array([decimal.Decimal(row).scaleb(-2) for row in ids], pyarrow.decimal128(12, 2)),
                "at": pyarrow.array([row * 10**6 for row in ids], pyarrow.timestamp("us", tz="UTC")),
            }
            | {name: [value] * count for name, value in more.items()}
        )

    for name, partitions in {"plain": None, "parted": ["day", "kind"]}.items():
        path = str(tables / name)
        for start in range(0, 300, 100):
            deltalake.write_deltalake(path, rows(start, 100), mode="append", partition_by=partitions)
        table = deltalake.DeltaTable(path)
        table.delete("id % 4 = 0")
        deltalake.write_deltalake(path, rows(300, 50, note="new"), mode="append", schema_mode="merge")
        deltalake.DeltaTable(path).create_checkpoint()
        deltalake.DeltaTable(path).delete("day = '2024-01-02'")
        deltalake.write_deltalake(path, rows(900, 20, note="last"), mode="append")
    path = str(tables / "replaced")
    deltalake.write_deltalake(path, rows(0, 50))
    deltalake.write_deltalake(path, rows(50, 10), mode="overwrite")
    deltalake.DeltaTable(path).optimize.compact()


def read(files: pathlib.Path, name: str) -> pyarrow.Table:
    path = files / name
    if name.startswith("tables/"):
        folder, _, version = name.partition("@")
        table = deltalake.DeltaTable(str(files / folder), version=int(version) if version else None)
        return table.to_pyarrow_table().sort_by("id")
    if name == "dataset":
        return pyarrow.dataset.dataset(path, partitioning="hive").to_table()
    if name.endswith(".parquet"):
        return pyarrow.parquet.read_table(path, partitioning=None)
    if name.endswith((".arrow", ".feather")):
        return pyarrow.ipc.open_file(path).read_all()
    if name.endswith(".arrows"):
        return pyarrow.ipc.open_stream(path).read_all()
    if ".xlsx" in name:
        book, _, sheet = name.partition("@")
        frame = pandas.read_excel(files / book, sheet_name=sheet or 0, **PLACES.get(sheet, {}), dtype_backend="pyarrow")
        return pyarrow.Table.from_pandas(frame, preserve_index=False)
    if name.endswith((".json", ".ndjson")):
        frame = pandas.read_json(path, lines=name.endswith(".ndjson"), dtype=False, precise_float=True)
        return pyarrow.Table.from_pandas(frame, preserve_index=False)
    frame = pandas.read_csv(
        path, sep="\t" if name.endswith(".tsv") else ",", keep_default_na=False, na_values=[""],
        dtype_backend="pyarrow",
    )
    return pyarrow.Table.from_pandas(frame, preserve_index=False)


# Where a table does not begin in the first cell.
PLACES = {"lower": {"skiprows": 4, "usecols": "D:E"}}
EPOCH = datetime.datetime(1970, 1, 1)


def nanoseconds(cell) -> int:
    if isinstance(cell, dict):
        return cell["ms"] * 10**6
    text = cell.removesuffix("+00")
    main, _, fraction = text.partition(".")
    whole = datetime.datetime.fromisoformat(main) - EPOCH
    return (whole.days * 86400 + whole.seconds) * 10**9 + int(fraction.ljust(9, "0") or 0)


def same(cell, value, kind: pyarrow.DataType) -> bool:
    if pyarrow.types.is_dictionary(kind):
        return same(cell, value, kind.value_type)
    if value is None:
        return cell is None
    if pyarrow.types.is_floating(kind):
        if cell is None:
            return math.isnan(value)
        number = float(cell["number"].replace("Infinity", "inf")) if isinstance(cell, dict) else cell
        if isinstance(number, str):
            return False
        return number == value or (math.isnan(number) and math.isnan(value))
    if pyarrow.types.is_integer(kind):
        return int(cell) == value
    if pyarrow.types.is_decimal(kind):
        return decimal.Decimal(cell) == value if isinstance(cell, str) else cell == float(value)
    if pyarrow.types.is_timestamp(kind):
        return nanoseconds(cell) == value
    if pyarrow.types.is_date(kind):
        return (datetime.date(1970, 1, 1) + datetime.timedelta(milliseconds=cell["ms"])) == value
    if pyarrow.types.is_nested(kind):
        return json.loads(cell) == value
    if isinstance(cell, dict):
        # pandas leaves dates and times of CSV as text.
        moment = EPOCH + datetime.timedelta(milliseconds=cell["ms"])
        return moment == datetime.datetime.fromisoformat(value)
    if isinstance(cell, str) and cell != value and cell[:4].isdigit() and cell[4:5] == "-":
        # Microseconds stay text, without the zeros at the end.
        return nanoseconds(cell) == nanoseconds(value)
    return type(cell) is type(value) and cell == value


def values_of(column: pyarrow.ChunkedArray) -> list:
    if not pyarrow.types.is_timestamp(column.type):
        return column.to_pylist()
    scale = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[column.type.unit]
    numbers = column.cast(pyarrow.int64()).to_pylist()
    return [None if number is None else number * scale for number in numbers]


def compare(files: pathlib.Path, cells: pathlib.Path) -> int:
    compared = 0
    wrong = []
    for dump in sorted(cells.glob("**/*.cells.json")):
        name = str(dump.relative_to(cells)).removesuffix(".cells.json")
        seen = json.loads(dump.read_text())
        table = read(files, name)
        if sorted(seen["columns"]) != sorted(table.column_names):
            wrong.append(f"{name}: columns {seen['columns']} and {table.column_names}")
            continue
        before = compared
        order = range(table.num_rows)
        key = "id" if name.startswith("tables/") else "i32" if name == "dataset" else None
        if key and all(len(values) == table.num_rows for values in seen["values"]):
            # Which file comes first is nobody's business: sort both by all columns.
            keys = seen["values"][seen["columns"].index(key)]
            ranks = sorted(order, key=lambda row: keys[row])
            seen["values"] = [[values[row] for row in ranks] for values in seen["values"]]
            table = table.sort_by(key)
        for column, values in zip(seen["columns"], seen["values"]):
            expected = values_of(table[column])
            kind = table.schema.field(column).type
            if len(values) != len(expected):
                wrong.append(f"{name}: {len(values)} rows, not {len(expected)}")
                break
            compared += len(values)
            bad = [row for row in order if not same(values[row], expected[row], kind)]
            if bad:
                wrong.append(f"{name} {column} ({kind}): {len(bad)} cells, row {bad[0]}: {values[bad[0]]!r}, not {expected[bad[0]]!r}")
        print(f"{name}: {compared - before} cells")
    compared += compare_written(files, cells, wrong)
    print(f"{compared} cells compared, {len(wrong)} columns differ")
    print("\n".join(wrong))
    return 1 if wrong or compared < 2_000_000 else 0


def compare_written(files: pathlib.Path, cells: pathlib.Path, wrong: list) -> int:
    """What was written of a file must read as the file does."""
    compared = 0
    for written in sorted((cells / "written").glob("**/*.parquet.parquet")) + sorted((cells / "written").glob("**/*.csv.csv")):
        name = str(written.relative_to(cells / "written")).rpartition(".")[0]
        before, after = read(files, name), read(cells / "written", str(written.relative_to(cells / "written")))
        for column in before.column_names:
            kind = before.schema.field(column).type
            if kind != after.schema.field(column).type:
                # Text that stands for a number or a moment too exact for a dataframe stays text.
                continue
            compared += before.num_rows
            if not before[column].combine_chunks().equals(after[column].combine_chunks()) and str(before[column].to_pylist()) != str(after[column].to_pylist()):
                wrong.append(f"written {name} {column} ({kind})")
    book = pandas.read_excel(files / "book.xlsx")
    copy = pandas.read_excel(cells / "written" / "book.xlsx")
    for column in book.columns:
        compared += len(book)
        if not book[column].equals(copy[column].astype(book[column].dtype)):
            wrong.append(f"written book.xlsx {column}")
    return compared


if __name__ == "__main__":
    command, *folders = sys.argv[1:]
    paths = [pathlib.Path(folder) for folder in folders]
    sys.exit(make(*paths) if command == "make" else compare(*paths))
