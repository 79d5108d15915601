import type { Node } from "./node.ts";
import type { Store } from "./store.ts";

/** Replaces a file by as many other bytes, as if another writer had come in between two reads. */
export async function turnBytes(store: Store, node: Node): Promise<void> {
  const { id, size } = node;
  const { file } = await store.bytes.storeTurned(id, size);
  const remake = () => {
    store.tree.touch(id, { size });
    return store.tree.byId(id) ?? node;
  };
  await store.replace(remake, [{ start: 0, length: size, file, offset: 0 }]);
}
