import type { startLakeProcess } from "./killed-lake.ts";

type Send = Awaited<ReturnType<typeof startLakeProcess>>["send"];

/** What writers were told that had happened, and what they had asked for without an answer. */
export class Confirmed {
  /** Content by name, as far as it was confirmed. */
  readonly written = new Map<string, string>();
  readonly moved = new Set<string>();
  readonly deleted = new Set<string>();
  /** Deletions that were sent; the server may have died before it answered. */
  readonly deleting = new Set<string>();
}

/**
 * Makes files of a file system `kept` one after the other, until the server is killed: appends and
 * flushes six times, or puts 100 kB at once, then deletes the file, moves it, or leaves it.
 *
 * @param prefix what the names of this writer begin with
 * @param index of this writer: not all begin with the same
 */
export async function writeUntilKilled(
  send: Send,
  prefix: string,
  index: number,
  confirmed: Confirmed,
): Promise<void> {
  try {
    for (let number = 0; ; number++) {
      const name = `${prefix}-${number}`;
      if (number % 4 === 3) await putOnce(send, name, confirmed);
      else await appendOften(send, name, confirmed);
      if ((number + index) % 3 === 1) await move(send, name, confirmed);
      if ((number + index) % 3 === 0) await remove(send, name, confirmed);
    }
  } catch (error) {
    // The server died, which is what all of this is for.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

async function putOnce(send: Send, name: string, { written }: Confirmed): Promise<void> {
  const body = `${name} `.repeat(100_000 / (name.length + 1));
  const headers = { "x-ms-blob-type": "BlockBlob" };
  const { status } = await send({ method: "PUT", target: `/kept/${name}`, headers, body });
  if (status === 201) written.set(name, body);
}

async function appendOften(send: Send, name: string, { written }: Confirmed): Promise<void> {
  const path = `/kept/${name}`;
  const made = await send({ method: "PUT", target: `${path}?resource=file` });
  if (made.status === 201) written.set(name, "");
  for (let turn = 0; turn < 6; turn++) {
    const before = written.get(name) ?? "";
    const addition = `${name}.${turn};`.repeat(50 + turn);
    const append = `${path}?action=append&position=${before.length}`;
    await send({ method: "PATCH", target: append, body: addition });
    const flush = `${path}?action=flush&position=${before.length + addition.length}`;
    const { status } = await send({ method: "PATCH", target: flush, body: "" });
    if (status === 200) written.set(name, before + addition);
  }
}

async function move(send: Send, name: string, { moved }: Confirmed): Promise<void> {
  const headers = { "x-ms-rename-source": `/kept/${name}` };
  const { status } = await send({ method: "PUT", target: `/kept/m-${name}`, headers });
  if (status === 201) moved.add(name);
}

async function remove(send: Send, name: string, confirmed: Confirmed): Promise<void> {
  confirmed.deleting.add(name);
  const { status } = await send({ method: "DELETE", target: `/kept/${name}` });
  if (status === 200 || status === 202) confirmed.deleted.add(name);
}
