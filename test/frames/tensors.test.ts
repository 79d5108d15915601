import * as danfo from "danfojs-node";
import { describe, expect, it } from "vitest";

const frame = () =>
  new danfo.DataFrame(
    [
      [1, 2.5],
      [3, 4],
      [5, -6],
    ],
    { columns: ["a", "b"] },
  );
const values = (result: unknown) => (result as danfo.DataFrame).values;

// What TensorFlow.js 4.22 gives, but in double precision.
describe("Danfo on the stand-in for TensorFlow.js", () => {
  it("calculates with numbers, lists, series and frames", () => {
    expect(values(frame().add(2))).toEqual([
      [3, 4.5],
      [5, 6],
      [7, -4],
    ]);
    expect(values(frame().sub([1, 2]))).toEqual([
      [0, 0.5],
      [2, 2],
      [4, -8],
    ]);
    const column = new danfo.Series([1, 2, 3]);
    expect(values(frame().sub(column, { axis: 0 }))).toEqual([
      [0, 1.5],
      [1, 2],
      [2, -9],
    ]);
    expect(values(frame().mul(frame()))).toEqual([
      [1, 6.25],
      [9, 16],
      [25, 36],
    ]);
    expect(values(frame().mod(4))).toEqual([
      [1, 2.5],
      [3, 0],
      [1, 2],
    ]);
    expect(values(frame().div(10))).toEqual([
      [0.1, 0.25],
      [0.3, 0.4],
      [0.5, -0.6],
    ]);
  });

  it("compares", () => {
    expect(values(frame().gt(3))).toEqual([
      [false, false],
      [false, true],
      [true, false],
    ]);
    expect(values(frame().le(3))).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ]);
    expect(frame().column("b").argMax()).toBe(1);
    expect(frame().column("b").argMin()).toBe(2);
  });

  it("scales and scales back", () => {
    expect(new danfo.MinMaxScaler().fitTransform([1, 2, 3, 4, 5])).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const scaler = new danfo.StandardScaler();
    const scaled = scaler.fitTransform(frame()) as danfo.DataFrame;
    expect(scaled.values.flat()[0]).toBeCloseTo(-Math.sqrt(1.5), 12);
    const back = scaler.inverseTransform(scaled) as danfo.DataFrame;
    for (const [at, value] of back.values.flat().entries()) {
      expect(value).toBeCloseTo(Number(frame().values.flat()[at]), 12);
    }
  });

  it("draws the same sample for a seed, another for another", async () => {
    const many = new danfo.DataFrame(
      Array.from({ length: 50 }, (_, row) => [row]),
      { columns: ["a"] },
    );
    const draw = async (seed: number) => (await many.sample(5, { seed })).values.flat();
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
    expect(new Set(await draw(1)).size).toBe(5);
  });

  it("turns null into NaN, and not into 0", () => {
    const gap = new danfo.DataFrame([[1], [null]], { columns: ["a"], dtypes: ["float32"] });
    expect(values(gap.add(1))).toEqual([[2], [Number.NaN]]);
  });

  it("names what it leaves out", () => {
    expect(() => (danfo.tensorflow as { sequential(): void }).sequential()).toThrow(
      /tensorflow\.sequential is left out.*@tensorflow\/tfjs/,
    );
  });
});
