import { Readable } from "node:stream";
import type { Store } from "./lake-store.ts";
import type { Node } from "./node.ts";

/** Replaces a file by as many other bytes, as if another writer had come in between two reads. */
export async function turnBytes(store: Store, node: Node): Promise<void> {
  const { id, size } = node;
  const source = store.bytes.read(id, 0, size) as AsyncIterable<Buffer>;
  const turned = async function* () {
    for await (const chunk of source) yield chunk.map((byte) => byte ^ 255);
  };
  const body = Readable.from(turned(), { objectMode: false });
  const { file, offset, release } = await store.bytes.files.store(body);
  const remake = () => {
    store.tree.touch(id, { size });
    return store.tree.byId(id) ?? node;
  };
  const blocks = store.bytes.blockStarts(id);
  await store.replace(remake, [{ start: 0, length: size, file, offset }], blocks);
  await release();
}
