import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { DataFrame } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { plotBar } from "../../src/show/plot/bar.ts";
import { CHART_SCRIPT } from "../../src/show/plot/chart-script.ts";
import { plotHistogram } from "../../src/show/plot/histogram.ts";
import { plotLine } from "../../src/show/plot/line.ts";
import { html, MILLION, SALES } from "./plot-samples.ts";

describe("a chart", () => {
  const hostile = [{ "<script>": '"><script>alert(1)</script>\u0007', n: 1 }];
  const chart = plotBar(hostile, {
    x: "<script>",
    y: "n",
    xLabel: "\u0007",
    title: '<img src=x onerror="1">\u0007',
  });

  it("escapes names, labels and titles", () => {
    const whole = html(chart)
      .replace(/ src="data:[^"]*"/, "")
      .replace(CHART_SCRIPT, "");
    expect(whole.match(/<\w+/g)).toEqual(["<div", "<div", "<img"]);
    expect(whole).not.toMatch(/<script|onerror="1"/);
    expect(chart.svg).not.toMatch(/<script|<img/);
    expect(chart.svg).not.toContain("\u0007");
    expect(chart.svg).toContain("&lt;script");
  });

  it("is printed by console.log as its text", () => {
    expect(inspect(chart)).toBe(chart.text);
  });

  it("is described for those who do not see it", () => {
    const label = "Bar chart: count by shop. 3 bars; the largest is north with 2.";
    const shops = plotBar(SALES, { x: "shop" });
    expect(html(shops)).toContain(`<img alt="${label}"`);
    expect(shops.svg).toContain(`role="img" aria-label="${label}"`);
  });

  it("is an image that loads nothing, of the width of its cell, with letters of 11 pixels at least", () => {
    for (const each of [chart, plotLine(MILLION, { x: "n", y: "wave" })]) {
      expect(html(each)).toContain(
        'style="width:100%;min-width:587px;max-width:800px;height:auto" src="data:',
      );
      const [, base64 = ""] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(html(each)) ?? [];
      expect(Buffer.from(base64, "base64").toString()).toBe(each.svg);
      expect(each.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
        /https?:|url\(|<style| id=|var\(/,
      );
    }
    expect(CHART_SCRIPT).not.toMatch(/https?:|import\(|fetch/);
  });

  it("reads no column of a frame but those it draws", () => {
    const getColumnData = {
      get 0() {
        throw new Error("not asked for");
      },
      1: [3, 1, 2],
    };
    const frame = {
      columns: ["id", "n"],
      dtypes: ["string", "int32"],
      shape: [3, 2],
      getColumnData,
    };
    expect(plotHistogram(frame, { x: "n" }).text).toContain("3 rows in bins");
  });

  it("takes a Danfo DataFrame", () => {
    const frame = new DataFrame({ shop: ["a", "b"], total: [1, 2] });
    expect(plotBar(frame, { x: "shop", y: "total" }).text).toContain(`b  2  ${"█".repeat(40)}`);
  });

  it("is the same to the byte in another process and time zone", () => {
    const script = fileURLToPath(new URL("draw-all.ts", import.meta.url));
    const run = (zone: string) => {
      const env = { ...process.env, TZ: zone };
      return execFileSync(process.execPath, [script], { encoding: "utf8", env });
    };
    const once = run("UTC");
    expect(once.length).toBeGreaterThan(50_000);
    expect(run("America/New_York")).toBe(once);
  });
});
