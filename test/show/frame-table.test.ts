import { DataFrame } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { frameTable, showFrame } from "../../src/show/table/frame-table.ts";
import { frameView } from "../../src/show/table/frame-view.ts";
import { TABLE_SCRIPT } from "../../src/show/table/table-script.ts";

const text = (...args: Parameters<typeof showFrame>) => showFrame(...args)["text/plain"];
const html = (...args: Parameters<typeof showFrame>) => showFrame(...args)["text/html"] ?? "";

describe("a table of a dataframe in text", () => {
  it("shows types, gaps, aligned numbers and the whole shape", () => {
    const rows = Array.from({ length: 1204 }, (_, i) => ({
      carrier: i === 1 ? null : `UA${i}`,
      delay: i === 2 ? Number.NaN : i * 2.5,
      distance: 1000 + i,
    }));
    expect(text(rows, { rows: 3 })).toBe(
      [
        "carrier   delay  distance",
        "text     number    number",
        "1 null   1 null",
        "───────  ──────  ────────",
        "UA0         0.0      1000",
        "null        2.5      1001",
        "UA2         NaN      1002",
        "3 of 1,204 rows × 3 columns",
      ].join("\n"),
    );
  });

  it("has no line for gaps when there are none", () => {
    expect(text([{ a: 1 }])).toBe("     a\nnumber\n──────\n     1\n1 row × 1 column");
  });

  it("says that nothing is there", () => {
    expect(text([])).toBe("0 rows × 0 columns");
    expect(text({ a: [], b: [] })).toBe("a      b\nempty  empty\n─────  ─────\n0 rows × 2 columns");
  });

  it("names the columns that do not fit", () => {
    const wide = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`column_${i}`, [i]]));
    const lines = text(wide).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines.at(-2)).toMatch(/^and 18 more columns: column_12, column_13, .*…$/);
  });

  it("shows the labels of rows without counting them as a column", () => {
    const columns = [{ name: "delay", type: "number", nulls: 0 }];
    const view = { columns, rows: 2, head: [[1.5], [2]], index: ["mean", "std"] };
    expect(frameTable(view)["text/plain"]).toBe(
      "       delay\n      number\n────  ──────\nmean     1.5\nstd      2.0\n2 rows × 1 column",
    );
    expect(frameTable(view)["text/html"]).toContain(">mean</th>");
  });

  it("aligns East Asian signs, which are two cells wide", () => {
    const lines = text([
      { city: "東京", n: 1 },
      { city: "Rome", n: 2 },
    ]).split("\n");
    expect(lines[3]).toBe("東京       1");
    expect(lines[4]).toBe("Rome       2");
  });
});

describe("cells", () => {
  const cells = (values: readonly unknown[]) =>
    text(values.map((v) => ({ v })))
      .split("\n")
      .slice(0, -1)
      .slice(-values.length)
      .map((line) => line.trim());

  it("keep every digit of an integer, and no separators in what may be an id or a year", () => {
    expect(cells([2013, 12_345_678])).toEqual(["2013", "12345678"]);
    expect(cells([2n ** 64n, 5])).toEqual(["18446744073709551616", "5"]);
  });

  it("share decimals, six digits of the largest and two of the smallest", () => {
    expect(cells([1.5, 2, 3.25])).toEqual(["1.50", "2.00", "3.25"]);
    expect(cells([1 / 3, 1234.56789])).toEqual(["0.33", "1234.57"]);
    expect(cells([0.000123456, 12])).toEqual(["0.00012", "12.00000"]);
    expect(cells([1e-9, 2.5])).toEqual(["1e-9", "2.5"]);
    expect(cells([1e21, 1.5])).toEqual(["1e+21", "1.5"]);
    expect(cells([Number.POSITIVE_INFINITY, -0.5])).toEqual(["Infinity", "-0.5"]);
  });

  it("write dates in UTC, no finer than the column needs", () => {
    const at = (iso: string) => new Date(iso);
    expect(cells([at("2013-01-01"), null])).toEqual(["2013-01-01", "null"]);
    expect(cells([at("2013-01-01"), at("2013-01-01T05:17Z")])).toEqual([
      "2013-01-01 00:00",
      "2013-01-01 05:17",
    ]);
    expect(cells([at("2013-01-01T05:17:03.250Z")])).toEqual(["2013-01-01 05:17:03.250"]);
    expect(cells([new Date(Number.NaN)])).toEqual(["invalid"]);
  });

  it("stay on one line and within 32 characters", () => {
    expect(cells(["a\nb\tc\u001b[31m"])).toEqual(["a↵b·c·[31m"]);
    expect(cells(["x".repeat(40)])).toEqual([`${"x".repeat(31)}…`]);
    expect(cells(["👍".repeat(40)])).toEqual([`${"👍".repeat(31)}…`]);
    expect(cells([{ list: [1n, null] }, true])).toEqual(['{"list":["1",null]}', "true"]);
  });
});

describe("a table of a dataframe in HTML", () => {
  it("escapes names, cells and tooltips", () => {
    const page = html([
      { "<script>alert(1)</script>": `"><img src=x onerror=alert(1)>${"y".repeat(90)}` },
    ]);
    expect(page.replace(TABLE_SCRIPT, "")).not.toMatch(/<script|<img/);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toMatch(/<td title="&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;y+"/);
  });

  it("aligns numbers right and texts left, and dims what is missing", () => {
    const page = html([
      { name: "a", n: 1 },
      { name: null, n: Number.NaN },
    ]);
    expect(page).toMatch(/text-align:left">a<\/td>/);
    expect(page).toMatch(/text-align:right">1<\/td>/);
    expect(page).toMatch(/text-align:left;opacity:.7">null<\/td>/);
    expect(page).toMatch(/text-align:right;opacity:.7">NaN<\/td>/);
  });

  it("shows 40 columns at most, and says so", () => {
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}`, [i]]));
    expect(html(wide).match(/<td /g)).toHaveLength(40);
    expect(html(wide)).toContain("1 row × 300 columns, 40 columns shown");
  });

  it("loads nothing", () => {
    expect(html([{ a: 1 }])).not.toMatch(/https?:|url\(|src=/);
  });
});

describe("a Danfo DataFrame", () => {
  it("is shown with the names of types that a loaded frame has", () => {
    const frame = new DataFrame({ day: ["a", "b"], total: [1, 2.5], ok: [true, false] });
    expect(text(frame)).toBe(
      [
        "day    total  ok",
        "text  number  boolean",
        "────  ──────  ───────",
        "a        1.0  true",
        "b        2.5  false",
        "2 rows × 3 columns",
      ].join("\n"),
    );
  });

  it("is shown when it is empty", () => {
    expect(text(new DataFrame([], { columns: ["a", "b"] }))).toContain("0 rows × 2 columns");
  });

  it("of a million rows is never asked for its rows", () => {
    const reads: string[] = [];
    const values = Float64Array.from({ length: 1_000_000 }, (_, i) => (i === 7 ? Number.NaN : i));
    const frame = new Proxy(
      {
        columns: ["n"],
        dtypes: ["float32"],
        shape: [1_000_000, 1],
        getColumnData: [values],
      },
      {
        get(target, name, receiver) {
          reads.push(String(name));
          return Reflect.get(target, name, receiver);
        },
      },
    );
    const view = frameView(frame);
    expect(view.rows).toBe(1_000_000);
    expect(view.head).toHaveLength(10);
    expect(view.columns).toEqual([{ name: "n", type: "number", nulls: 1 }]);
    expect(reads.sort()).toEqual(["columns", "dtypes", "getColumnData", "shape"]);
  });

  it("says where a table may be wider than its cell", () => {
    const html = (columns: number) => {
      const row = Object.fromEntries(Array.from({ length: columns }, (_, i) => [`column ${i}`, 1]));
      return showFrame([row])["text/html"]?.replace(TABLE_SCRIPT, "");
    };
    expect(html(3)).not.toContain("scrolls sideways");
    expect(html(12)).toContain(
      "1 row × 12 columns<span> · scrolls sideways where it does not fit</span>",
    );
  });
});
