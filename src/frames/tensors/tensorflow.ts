import { type Nested, Tensor } from "./tensor.ts";

function scalar(value: Nested): Tensor {
  return new Tensor(flat(value), []);
}

function tensor1d(values: readonly Nested[], dtype?: string): Tensor {
  return new Tensor(flat(values), [values.length], dtype);
}

function tensor2d(values: readonly Nested[], shape?: readonly number[], dtype?: string): Tensor {
  const columns = Array.isArray(values[0]) ? values[0].length : 1;
  return new Tensor(flat(values), shape ?? [values.length, columns], dtype);
}

function flat(values: Nested): number[] {
  const list = Array.isArray(values) ? (values as readonly Nested[]).flat() : [values as Nested];
  return list.map((value) => (value === null || value === undefined ? Number.NaN : Number(value)));
}

/** Mean and population variance along an axis. */
function moments(tensor: Tensor, axis?: number): { mean: Tensor; variance: Tensor } {
  const mean = tensor.mean(axis);
  return { mean, variance: tensor.sub(mean).pow(2).mean(axis) };
}

/** A list to sample from; the same seed gives the same items. */
class Dataset {
  private readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }

  shuffle(_buffer: number, seed: string | number = 1): Dataset {
    const items = [...this.items];
    const random = generator(Number(seed) || 0);
    for (let last = items.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [items[last], items[other]] = [items[other], items[last]];
    }
    return new Dataset(items);
  }

  take(count: number): Dataset {
    return new Dataset(this.items.slice(0, count));
  }

  async toArray(): Promise<unknown[]> {
    return [...this.items];
  }
}

/** Mulberry32, a random number generator in [0, 1), by Tommy Ettinger. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tensors: Readonly<Record<string, unknown>> = {
  Tensor,
  scalar,
  tensor1d,
  tensor2d,
  moments,
  data: { array: (items: readonly unknown[]) => new Dataset(items) },
};

// Properties that loaders, promises and inspectors read of any object.
const ASKED_OF_ALL = new Set(["then", "toJSON", "default", "__esModule", "constructor", "inspect"]);

/** A replacement of TensorFlow.js with what danfojs-node uses. */
const standIn = new Proxy(tensors, {
  get(target, name) {
    if (typeof name === "symbol" || name in target || ASKED_OF_ALL.has(name)) {
      return Reflect.get(target, name);
    }
    throw new Error(
      `tensorflow.${name} is left out of this installation. For TensorFlow.js itself, install and import @tensorflow/tfjs.`,
    );
  },
});

// danfojs-node loads this by require(), which returns the export of this name.
export { standIn as "module.exports" };
