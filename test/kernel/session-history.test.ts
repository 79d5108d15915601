import { expect, test } from "vitest";
import { SessionHistory } from "../../src/kernel/session-history.ts";

const history = new SessionHistory();
const sources = ["a.b", "a+b", "let x = 1;\nx", "a+b", "acb"];
for (const [index, source] of sources.entries()) {
  const note = history.add(index + 1, source);
  if (source === "acb") note("8");
}
const lines = (request: Record<string, unknown>) => history.find(request).map(([, line]) => line);

test.each([
  ["all of it", {}, [1, 2, 3, 4, 5]],
  ["this session by its number", { session: 1 }, [1, 2, 3, 4, 5]],
  ["another session", { session: 2 }, []],
  ["the session before", { session: -1 }, []],
  ["from a line on", { start: 4 }, [4, 5]],
  ["up to a line, which is not in it", { start: 2, stop: 4 }, [2, 3]],
  ["nothing", { start: 3, stop: 3 }, []],
])("a range: %s", (_, request, expected) => {
  expect(lines({ hist_access_type: "range", ...request })).toEqual(expected);
});

test.each([
  ["the last two", { n: 2 }, [4, 5]],
  ["more than there are", { n: 9 }, [1, 2, 3, 4, 5]],
  ["none", { n: 0 }, []],
  ["all", {}, [1, 2, 3, 4, 5]],
])("the tail: %s", (_, request, expected) => {
  expect(lines({ hist_access_type: "tail", ...request })).toEqual(expected);
});

test.each([
  ["everything", {}, [1, 2, 3, 4, 5]],
  ["a point is a point", { pattern: "a.b" }, [1]],
  ["a plus is a plus", { pattern: "a+b" }, [2, 4]],
  ["any character", { pattern: "a?b" }, [1, 2, 4, 5]],
  ["no more and no fewer characters", { pattern: "a??b" }, []],
  ["any text, over lines too", { pattern: "let*x" }, [3]],
  ["the whole cell", { pattern: "a" }, []],
  ["each once, the last time it ran", { pattern: "a+b", unique: true }, [4]],
  ["the last of those found", { pattern: "a*", n: 2 }, [4, 5]],
])("a search: %s", (_, request, expected) => {
  expect(lines({ hist_access_type: "search", ...request })).toEqual(expected);
});

test("outputs come along where they are asked for", () => {
  expect(history.find({ hist_access_type: "tail", n: 2, output: true })).toEqual([
    [1, 4, ["a+b", null]],
    [1, 5, ["acb", "8"]],
  ]);
  expect(history.find({ hist_access_type: "tail", n: 1 })).toEqual([[1, 5, "acb"]]);
});
