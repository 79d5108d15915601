import { describe, expect, it, vi } from "vitest";
import { type Job, runningJob, showJob } from "../../src/show/job-progress.ts";
import { recordDisplays } from "./record-displays.ts";

const NOTHING: Job = {
  phase: "running",
  tasks: 0,
  tasksDone: 0,
  bytesRead: 0,
  rows: 0,
  bytes: 0,
};

describe("in a notebook", () => {
  const shown = recordDisplays();
  const texts = () => shown.map((bundle) => bundle["text/plain"]);

  it("shows tasks and bytes, that time goes on, and in the end one line", () => {
    const job = showJob("query");
    job.report(NOTHING);
    vi.advanceTimersByTime(500);
    job.report({ ...NOTHING, tasks: 40, tasksDone: 12, bytesRead: 1_200_000_000 });
    vi.advanceTimersByTime(2000);
    job.report({
      ...NOTHING,
      phase: "receiving",
      tasks: 40,
      tasksDone: 40,
      bytesRead: 4e9,
      rows: 5000,
      bytes: 81_000,
    });
    vi.advanceTimersByTime(1000);
    job.done();
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual([
      "Running query: 0.5 s",
      "Running query: 12 of 40 tasks · 1.2 GB read on the cluster · 1.5 s",
      "Running query: 12 of 40 tasks · 1.2 GB read on the cluster · 2.5 s",
      "Receiving query: 40 of 40 tasks · 4.0 GB read on the cluster · 5,000 rows, 81 kB received · 3.5 s",
      "Ran query: 4.0 GB read on the cluster · 5,000 rows, 81 kB received · 3.5 s",
    ]);
  });

  it("shows nothing of a job under half a second", () => {
    const job = showJob("query");
    job.report(NOTHING);
    vi.advanceTimersByTime(499);
    job.done();
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual([]);
  });

  it("says that the connection was lost, and that a job has stopped", () => {
    const job = showJob("query");
    job.report({ ...NOTHING, phase: "reconnecting" });
    vi.advanceTimersByTime(600);
    job.fail();
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual([
      "Running query: connection lost, asking again · 0.5 s",
      "Running query: stopped after 0.6 s",
    ]);
  });
});

it("draws a bar where tasks are known, and writes names as text", () => {
  const known = runningJob("<b>", { ...NOTHING, tasks: 4, tasksDone: 1 }, 1000);
  expect(known["text/html"]).toContain('aria-valuenow="25"');
  expect(known["text/html"]).not.toContain("<b>");
  expect(runningJob("query", NOTHING, 1000)["text/html"]).not.toContain("progressbar");
});
