import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Store } from "../../src/practice/lake/storage/lake-store.ts";

let folder: string;
let store: Store;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "notelake-tree-"));
  store = new Store(join(folder, "account"), undefined);
});

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const OWNED = { owner: "owner", group: "owner", mode: 0o750 };

test("a directory that was looked up before is found as it is now", () => {
  const { tree } = store;
  const { root } = store.fileSystems.create("raw", null, "owner");
  const { id } = tree.add({ ...OWNED, parent: root, name: "old", directory: 1 });
  const { id: inside } = tree.add({ ...OWNED, parent: id, name: "in", directory: 1 });
  const found = (...names: string[]) => tree.resolve(root, names).map((node) => node.id);
  expect(found("old", "in")).toEqual([root, id, inside]);
  tree.change(id, { name: "new", mode: 0o700 });
  expect(found("old", "in")).toEqual([root]);
  expect(found("new", "in")).toEqual([root, id, inside]);
  expect(tree.byId(id)?.mode).toBe(0o700);
  tree.remove(inside);
  expect(found("new", "in")).toEqual([root, id]);
});

test("what a transaction that failed has changed is not remembered", () => {
  const { tree, fileSystems } = store;
  const made = fileSystems.create("kept", null, "owner");
  const { root } = made;
  const { id } = tree.add({ ...OWNED, parent: root, name: "d", directory: 1 });
  const look = () => [tree.byId(id)?.mode, tree.child(root, "d")?.mode, fileSystems.get("kept")];
  const before = look();
  const fail = () =>
    tree.transact(() => {
      tree.change(id, { mode: 0 });
      const changed = fileSystems.change(made, { metadata: "{}" }, true);
      expect(look()).toEqual([0, 0, changed]);
      throw new Error("not this time");
    });
  expect(fail).toThrow("not this time");
  expect(look()).toEqual(before);
});
