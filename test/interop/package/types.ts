// Compiled by somebody else's TypeScript, with and without skipLibCheck: nothing may be `any`.
import type { DataFrame, loadFrame, openLake, query } from "notelake";
import danfo, { concat, type DataFrame as Frame, type Series } from "notelake/danfo";
import type { startPractice } from "notelake/practice";
import type { connectSpark } from "notelake/spark";
import type { notebooks } from "notelake/vitest";

type IsAny<T> = 0 extends 1 & T ? true : false;
type Loaded = Awaited<ReturnType<typeof loadFrame>>;
type Answer = Awaited<ReturnType<typeof query>>;
type Cloud = Awaited<ReturnType<typeof startPractice>>;
type Spark = Awaited<ReturnType<typeof connectSpark>>;

export const nothingIsAny: false[] = [
  false satisfies IsAny<Loaded>,
  false satisfies IsAny<Answer>,
  false satisfies IsAny<Loaded["shape"]>,
  false satisfies IsAny<typeof Frame>,
  false satisfies IsAny<Cloud["description"]>,
  false satisfies IsAny<Spark["id"]>,
  false satisfies IsAny<Awaited<ReturnType<Spark["sql"]>>>,
  false satisfies IsAny<typeof openLake>,
  false satisfies IsAny<typeof notebooks>,
];

/** What is loaded is what `notelake/danfo` makes. */
export function under(loaded: Loaded, answer: Answer): DataFrame | Series {
  const made: Frame = new danfo.DataFrame([[1]], { columns: ["a"] });
  return concat({ dfList: [loaded, answer, made], axis: 0 });
}

// @ts-expect-error columns are a list of names
export const wrong = (frame: DataFrame): number => frame.columns;
