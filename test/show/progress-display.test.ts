import { describe, expect, it, vi } from "vitest";
import { bytesText, durationText } from "../../src/core/quantity-text.ts";
import {
  finished,
  type Progress,
  rateOf,
  running,
  showProgress,
} from "../../src/show/progress-display.ts";
import { recordDisplays } from "./record-displays.ts";

const MB = 1_000_000;

function having(bytesDone: number, more: Partial<Progress> = {}): Progress {
  const counts = { files: 12, filesDone: Math.floor((bytesDone / (72 * MB)) * 12) };
  return { phase: "download", ...counts, bytes: 72 * MB, bytesDone, bytesCached: 0, ...more };
}

describe("in a notebook", () => {
  const shown = recordDisplays();
  const texts = () => shown.map((bundle) => bundle["text/plain"]);

  it("shows bytes, rate, time left and files, and in the end one line", () => {
    const progress = showProgress("sales/*.parquet");
    vi.advanceTimersByTime(250);
    progress.report(having(6 * MB));
    vi.advanceTimersByTime(250);
    vi.advanceTimersByTime(500);
    progress.report(having(24 * MB));
    vi.advanceTimersByTime(100);
    progress.report(having(72 * MB, { phase: "read" }));
    vi.advanceTimersByTime(100);
    vi.advanceTimersByTime(3000);
    progress.done();
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual([
      "Loading sales/*.parquet: 6.0 MB of 72 MB · 24 MB/s · 2.8 s left · 1 of 12 files",
      "Loading sales/*.parquet: 24 MB of 72 MB · 24 MB/s · 2.0 s left · 4 of 12 files",
      "Reading sales/*.parquet: 72 MB · 12 files",
      "Loaded sales/*.parquet: 12 files, 72 MB in 4.2 s",
    ]);
  });

  it("shows nothing of a load under half a second", () => {
    const progress = showProgress("a.csv");
    progress.report(having(MB));
    vi.advanceTimersByTime(499);
    progress.done();
    vi.advanceTimersByTime(10_000);
    expect(shown).toEqual([]);
  });

  it("appears after half a second though nothing more is reported", () => {
    showProgress("a.csv").report(having(MB));
    vi.advanceTimersByTime(499);
    expect(shown).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(texts()).toEqual(["Loading a.csv: 1.0 MB of 72 MB · 0 of 12 files"]);
  });

  it("changes ten times a second at most", () => {
    const progress = showProgress("a.csv");
    for (let elapsed = 0; elapsed < 2000; elapsed += 5) {
      progress.report(having(elapsed * 1000));
      vi.advanceTimersByTime(5);
    }
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.length).toBeLessThanOrEqual(16);
  });

  it("adds up the tables of a query, and ends once", () => {
    const progress = showProgress("query");
    progress.report(having(72 * MB, { phase: "read" }));
    progress.report(having(0));
    vi.advanceTimersByTime(600);
    progress.report(having(72 * MB, { phase: "read", bytesCached: 4 * MB }));
    progress.report(having(72 * MB, { phase: "done", bytesCached: 4 * MB }));
    progress.done();
    expect(texts()).toEqual([
      "Loading query: 72 MB of 144 MB · 12 of 24 files",
      "Loaded query: 24 files, 144 MB, 4.0 MB cached in 0.6 s",
    ]);
  });

  it("says where a load broke off, once it was seen", () => {
    const progress = showProgress("a.csv");
    progress.report(having(30 * MB));
    vi.advanceTimersByTime(600);
    progress.fail();
    vi.advanceTimersByTime(1000);
    expect(texts().at(-1)).toBe("Loading a.csv: stopped after 30 MB of 72 MB");
    const quick = showProgress("b.csv");
    quick.report(having(MB));
    quick.fail();
    vi.advanceTimersByTime(1000);
    expect(texts().join()).not.toContain("b.csv");
  });
});

it("prints the last line only where nothing can be replaced", () => {
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    printed.push(String(chunk));
    return true;
  });
  vi.useFakeTimers();
  try {
    const progress = showProgress("a.csv");
    for (const megabytes of [10, 40, 72]) {
      progress.report(having(megabytes * MB, { files: 1 }));
      vi.advanceTimersByTime(500);
    }
    progress.done();
  } finally {
    vi.useRealTimers();
    write.mockRestore();
  }
  expect(printed).toEqual(["Loaded a.csv: 72 MB in 1.5 s\n"]);
});

it("says what came from the cache", () => {
  const cached = { bytesCached: 24 * MB };
  expect(finished("a", having(72 * MB, cached), 1000)["text/plain"]).toBe(
    "Loaded a: 12 files, 72 MB, 24 MB cached in 1.0 s",
  );
  expect(finished("a", having(72 * MB, { bytesCached: 72 * MB }), 1000)["text/plain"]).toBe(
    "Loaded a: 12 files, 72 MB, all cached in 1.0 s",
  );
});

it("escapes what is loaded", () => {
  const bundle = running("<img src=x>.csv", having(MB), rateOf());
  expect(bundle["text/html"]).not.toContain("<img");
  expect(bundle["text/html"]).toContain('aria-valuenow="1"');
});

it("follows a rate that changes, over its last seconds", () => {
  const rate = rateOf();
  expect(rate.perSecond()).toBe(0);
  for (let second = 1; second <= 10; second++) rate.add(second * 1000, second * 100);
  for (let second = 11; second <= 20; second++) rate.add(second * 1000, 1000 + (second - 10) * 10);
  expect(rate.perSecond()).toBe(10);
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9_949, "9.9 kB"],
  [9_950, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [72_345_678, "72 MB"],
  [5e12, "5.0 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [40, "0.0 s"],
  [4_200, "4.2 s"],
  [9_960, "10 s"],
  [59_400, "59 s"],
  [59_600, "1 min 0 s"],
  [200_000, "3 min 20 s"],
  [3_900_000, "1 h 5 min"],
])("%d ms are %s", (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
