import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Store } from "../../src/practice/lake/storage/lake-store.ts";
import type { Node } from "../../src/practice/lake/storage/node.ts";

let folder: string;
let store: Store;
let made = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-uploads-"));
  store = new Store(folder, undefined);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function newFile(): Node {
  const common = { owner: "o", group: "g", mode: 0o640, directory: 0 };
  return store.tree.add({ ...common, parent: 1, name: `f${made++}` });
}

const now = ({ id }: Node) => store.tree.byId(id) as Node;
const append = (node: Node, position: number, content: string) =>
  store.uploads.append(now(node), position, Readable.from([Buffer.from(content)]));
const flush = (node: Node, position: number, keep = false) =>
  store.uploads.flush(node, position, keep);
const read = (node: Node) => text(store.bytes.read(node.id, 0, now(node).size));
const filesOnDisk = async () => {
  const all = await readdir(join(folder, "bytes"), { recursive: true });
  return all.filter((name) => name.includes("/"));
};

/** The same numbers every time, so that a failure can be looked at again. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("appended bytes", () => {
  test("that are few share a file with those of others, and are read for themselves", async () => {
    const nodes = Array.from({ length: 50 }, newFile);
    for (const [index, node] of nodes.entries()) {
      await append(node, 0, `content ${index}`);
      await flush(node, now(node).size + `content ${index}`.length);
    }
    expect(await filesOnDisk()).toHaveLength(1);
    for (const [index, node] of nodes.entries()) expect(await read(node)).toBe(`content ${index}`);
  });

  test("go when the file does, and leave what shares a file with them", async () => {
    const [kept, gone] = [newFile(), newFile()];
    // More than one file takes, so that the first is no longer being written to.
    const others = Array.from({ length: 80 }, newFile);
    for (const node of [kept, gone, ...others]) {
      await append(node, 0, "x".repeat(60_000));
      await flush(node, 60_000);
    }
    expect((await filesOnDisk()).length).toBe(2);
    for (const node of [gone, ...others]) store.detach(now(node));
    await expect.poll(() => store.tree.byId(others.at(-1)?.id ?? 0)).toBeUndefined();
    expect(await read(kept)).toBe("x".repeat(60_000));
    store.detach(now(kept));
    await expect.poll(async () => (await filesOnDisk()).length).toBe(1);
  });

  test("move to a file of their own when they become many, in whatever order they come", async () => {
    const node = newFile();
    const part = (letter: string) => letter.repeat(30_000);
    await append(node, 30_000, part("b"));
    await append(node, 0, part("a"));
    await Promise.all([append(node, 60_000, part("c")), append(node, 90_000, part("d"))]);
    await flush(node, 120_000);
    expect(await read(node)).toBe(part("a") + part("b") + part("c") + part("d"));
    await append(node, 120_000, "e");
    await flush(node, 120_001);
    expect((await read(node)).at(-1)).toBe("e");
  });

  test("come out as a model of them has it, whatever their sizes and flushes", async () => {
    const random = seededRandom(7);
    const sizes = [1, 100, 20_000, 65_535, 65_536, 65_537, 200_000];
    for (let round = 0; round < 40; round++) {
      const node = newFile();
      let expected = "";
      let waiting = "";
      for (let turn = 0; turn < 8; turn++) {
        const size = sizes[Math.floor(random() * sizes.length)] ?? 1;
        const letter = String.fromCharCode(97 + Math.floor(random() * 26));
        const piece = `${letter}0123456789`.repeat(size / 11 + 1).slice(0, size);
        if (random() < 0.15) await append(node, expected.length + waiting.length, "?".repeat(size));
        await append(node, expected.length + waiting.length, piece);
        // What was written over and reached further is left for a flush that says so.
        waiting += piece;
        if (random() < 0.5) {
          const part = random() < 0.3 ? Math.floor(random() * waiting.length) : waiting.length;
          await flush(node, expected.length + part, true);
          expected += waiting.slice(0, part);
          waiting = waiting.slice(part);
        }
        expect((await read(node)) === expected).toBe(true);
      }
    }
  });

  test("take no more memory than there is for them", async () => {
    const nodes = Array.from({ length: 1_500 }, newFile);
    const content = "m".repeat(64 * 1024);
    for (const node of nodes) await append(node, 0, content);
    expect((await filesOnDisk()).length).toBe(1_500 - 1_024);
    for (const node of nodes) await flush(node, content.length);
    for (const node of [nodes[0], nodes.at(-1)]) {
      expect(node && (await read(node)) === content).toBe(true);
    }
  });
});

describe("bytes that are passed on", () => {
  const SIZE = 3_000_000;
  const content = randomBytes(SIZE).toString("latin1");
  let node: Node;
  beforeEach(async () => {
    node = newFile();
    const body = Readable.from([Buffer.from(content, "latin1")]);
    await store.uploads.append(now(node), 0, body);
    await flush(node, SIZE);
  });

  test("are those of the file, however long each piece is in use", async () => {
    let taken = "";
    const part = { node: node.id, start: 12_345, length: SIZE - 20_000 };
    await store.bytes.pass(part, async (piece) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      taken += piece.toString("latin1");
      return true;
    });
    expect(taken === content.slice(12_345, SIZE - 7_655)).toBe(true);
  });

  test("stay while they are, though the file is gone; nothing is held once no more is wanted", async () => {
    const { promise: isGone, resolve: go } = Promise.withResolvers<void>();
    let pieces = 0;
    const passing = store.bytes.pass({ node: node.id, start: 0, length: SIZE }, async () => {
      pieces += 1;
      await isGone;
      return pieces < 3;
    });
    store.detach(now(node));
    await expect.poll(() => store.tree.byId(node.id)).toBeUndefined();
    expect(await filesOnDisk()).toHaveLength(1);
    go();
    await passing;
    expect(pieces).toBe(3);
    await expect.poll(filesOnDisk).toHaveLength(0);
  });
});
