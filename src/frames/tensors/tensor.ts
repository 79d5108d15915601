/** What a tensor is made from; null, as in a dataframe, becomes NaN. */
export type Nested = number | boolean | null | undefined | readonly Nested[];

type Operation = (a: number, b: number) => number;

/**
 * A tensor of at most two dimensions, in double precision, with which danfojs-node does arithmetic,
 * comparisons and scaling. Names and meanings are those of TensorFlow.js.
 */
export class Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  private readonly cells: readonly number[];

  constructor(cells: readonly number[], shape: readonly number[], dtype = "float32") {
    this.cells = cells;
    this.shape = shape;
    this.dtype = dtype;
  }

  get rank(): number {
    return this.shape.length;
  }
  get size(): number {
    return this.cells.length;
  }

  add(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => a + b);
  }
  sub(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => a - b);
  }
  mul(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => a * b);
  }
  div(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => a / b);
  }
  divNoNan(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => (b === 0 ? 0 : a / b));
  }
  pow(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => a ** b);
  }
  /** The remainder with the sign of the divisor, as in Python. */
  mod(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => a - b * Math.floor(a / b));
  }
  greater(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => Number(a > b), "bool");
  }
  less(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => Number(a < b), "bool");
  }
  greaterEqual(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => Number(a >= b), "bool");
  }
  lessEqual(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => Number(a <= b), "bool");
  }
  equal(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => Number(a === b), "bool");
  }
  notEqual(other: Tensor | number): Tensor {
    return this.with(other, (a, b) => Number(a !== b), "bool");
  }
  sqrt(): Tensor {
    return new Tensor(this.cells.map(Math.sqrt), this.shape);
  }

  // Ignores NaN, like NumPy's nanmin.
  min(axis?: number): Tensor {
    return this.reduced(axis, (cells) => extreme(cells, Math.min));
  }
  max(axis?: number): Tensor {
    return this.reduced(axis, (cells) => extreme(cells, Math.max));
  }
  mean(axis?: number): Tensor {
    return this.reduced(axis, (cells) => cells.reduce((a, b) => a + b, 0) / cells.length);
  }
  argMin(axis?: number): Tensor {
    return this.reduced(axis, (cells) => cells.indexOf(extreme(cells, Math.min)));
  }
  argMax(axis?: number): Tensor {
    return this.reduced(axis, (cells) => cells.indexOf(extreme(cells, Math.max)));
  }

  clone(): Tensor {
    return new Tensor([...this.cells], this.shape, this.dtype);
  }
  transpose(): Tensor {
    if (this.rank < 2) return this.clone();
    const [rows, columns] = this.plane();
    const turned = Array.from({ length: this.size }, (_, at) => {
      return this.cells[(at % rows) * columns + Math.floor(at / rows)] ?? Number.NaN;
    });
    return new Tensor(turned, [columns, rows], this.dtype);
  }

  arraySync(): unknown {
    if (this.rank === 0) return this.cells[0];
    if (this.rank === 1) return [...this.cells];
    const [rows, columns] = this.plane();
    return Array.from({ length: rows }, (_, row) =>
      this.cells.slice(row * columns, (row + 1) * columns),
    );
  }
  async array(): Promise<unknown> {
    return this.arraySync();
  }
  dataSync(): Float64Array {
    return Float64Array.from(this.cells);
  }
  async data(): Promise<Float64Array> {
    return this.dataSync();
  }
  toString(): string {
    return `Tensor ${JSON.stringify(this.arraySync())}`;
  }
  print(): void {
    console.log(this.toString());
  }
  dispose(): void {}

  /** Rows and columns; a list is one row. */
  private plane(): readonly [number, number] {
    if (this.rank === 0) return [1, 1];
    const [first = 0, second] = this.shape;
    return second === undefined ? [1, first] : [first, second];
  }

  /** Elementwise, with broadcasting of sides of length 1. */
  private with(other: Tensor | number, operation: Operation, dtype?: string): Tensor {
    const right = typeof other === "number" ? new Tensor([other], []) : other;
    const [rowsA, columnsA] = this.plane();
    const [rowsB, columnsB] = right.plane();
    const rows = common(rowsA, rowsB);
    const columns = common(columnsA, columnsB);
    const cells = Array.from({ length: rows * columns }, (_, at) => {
      const row = Math.floor(at / columns);
      const column = at % columns;
      const a = this.cells[(rowsA === 1 ? 0 : row) * columnsA + (columnsA === 1 ? 0 : column)];
      const b = right.cells[(rowsB === 1 ? 0 : row) * columnsB + (columnsB === 1 ? 0 : column)];
      return operation(a ?? Number.NaN, b ?? Number.NaN);
    });
    const rank = Math.max(this.rank, right.rank);
    const shape = rank === 2 ? [rows, columns] : rank === 1 ? [columns] : [];
    return new Tensor(cells, shape, dtype);
  }

  private reduced(axis: number | undefined, reduce: (cells: number[]) => number): Tensor {
    if (axis === undefined || this.rank < 2) return new Tensor([reduce([...this.cells])], []);
    const lines = (axis === 0 ? this.transpose() : this).arraySync() as number[][];
    return new Tensor(lines.map(reduce), [lines.length]);
  }
}

function common(a: number, b: number): number {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  throw new Error(`tensors of lengths ${a} and ${b} cannot be combined`);
}

/** NaN when all cells are NaN. */
function extreme(cells: readonly number[], pick: (a: number, b: number) => number): number {
  const known = cells.filter((cell) => !Number.isNaN(cell));
  return known.length === 0 ? Number.NaN : known.reduce((a, b) => pick(a, b));
}
