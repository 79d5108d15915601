import type { Call } from "./call.ts";
import type { Store } from "./store.ts";

/** Replaces a file by as many other bytes, as if another writer had come in between two reads. */
export async function replaceByOtherBytes(call: Call, store: Store): Promise<void> {
  const fileSystem = store.fileSystems.get(call.fileSystem);
  if (!fileSystem) return;
  const found = store.tree.resolve(fileSystem.root, call.names);
  const node = found.length === call.names.length + 1 ? found.at(-1) : undefined;
  if (!node || node.directory) return;
  const { id, size } = node;
  const { file } = await store.bytes.storeChanged(id, size);
  await store.replace(() => {
    store.tree.touch(id, { size });
    return store.tree.byId(id) ?? node;
  }, [{ start: 0, length: size, file, offset: 0 }]);
}
