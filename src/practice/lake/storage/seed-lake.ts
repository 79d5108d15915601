import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Bytes } from "./bytes.ts";
import type { FileSystems } from "./file-systems.ts";
import { SUPER_USER } from "./node.ts";
import type { Tree } from "./tree.ts";

interface Seeded {
  readonly tree: Tree;
  readonly fileSystems: FileSystems;
  readonly bytes: Bytes;
}

/**
 * Makes each folder of `seed` a file system of a new account. Its files are referred to, never
 * copied nor written. A later start notices seed files that changed, as long as the lake did not
 * change them.
 */
export function seedLake(store: Seeded, seed: string): void {
  const isNew = store.fileSystems.list("", "", 1).length === 0;
  store.tree.transact(() => {
    if (isNew) plant(store, resolve(seed));
    else refresh(store);
  });
}

/**
 * The same for OneLake: each folder becomes a workspace, each folder in that an item. Lakehouses
 * always have `Files` and `Tables`.
 */
export function seedOneLake(store: Seeded, seed: string): void {
  const isNew = store.fileSystems.list("", "", 1).length === 0;
  store.tree.transact(() => {
    if (!isNew) {
      refresh(store);
      return;
    }
    const common = { owner: SUPER_USER, group: SUPER_USER, directory: 1, mode: 0o750 };
    const workspaces = existsSync(seed) ? readdirSync(seed, { withFileTypes: true }) : [];
    for (const { name } of workspaces.filter((entry) => entry.isDirectory())) {
      const { root } = store.fileSystems.create(name, null, SUPER_USER);
      plantFolder(store, resolve(seed, name), root);
      for (const item of store.tree.children(root, "", Number.MAX_SAFE_INTEGER)) {
        for (const folder of item.name.endsWith(".Lakehouse") ? ["Files", "Tables"] : []) {
          if (store.tree.child(item.id, folder)) continue;
          store.tree.add({ ...common, parent: item.id, name: folder });
        }
      }
    }
  });
}

function plant(store: Seeded, seed: string): void {
  for (const { name } of folders(seed)) {
    const { root } = store.fileSystems.create(name, null, SUPER_USER);
    plantFolder(store, join(seed, name), root);
  }
}

function plantFolder(store: Seeded, folder: string, parent: number): void {
  const common = { parent, owner: SUPER_USER, group: SUPER_USER };
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const { id } = store.tree.add({ ...common, name: entry.name, directory: 1, mode: 0o750 });
      plantFolder(store, path, id);
    } else if (entry.isFile() && !entry.name.startsWith(".")) {
      const { size, mtimeMs } = statSync(path);
      const file = { name: entry.name, directory: 0, mode: 0o640, size };
      const { id } = store.tree.add({ ...common, ...file });
      store.tree.change(id, { modified: Math.floor(mtimeMs) });
      store.bytes.refer(id, { source: path, size, modified: mtimeMs });
    }
  }
}

function refresh(store: Seeded): void {
  for (const { file, source, size, modified } of store.bytes.seeds.all()) {
    const now = statSync(source, { throwIfNoEntry: false });
    if (now && now.size === size && now.mtimeMs === modified) continue;
    const after = { size: now?.size ?? 0, modified: now?.mtimeMs ?? 0 };
    for (const node of store.bytes.seeds.change(file, after))
      store.tree.touch(node, { size: after.size });
  }
}

function folders(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && /^[a-z0-9](-?[a-z0-9])*$/.test(entry.name),
  );
}
