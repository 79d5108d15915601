import { Readable } from "node:stream";
import { LakeError } from "../core/errors.ts";
import type { Guard } from "./guard.ts";
import { ignoreMissing } from "./http/retry.ts";
import type { Lake, LakeCallOptions, LakeContent, LakeEntry, WriteOptions } from "./lake.ts";
import { isDirectoryError, refuseTarget } from "./lake-errors.ts";
import type { LakeReading } from "./lake-reading.ts";
import { isOneLake, refuseManaged } from "./onelake.ts";
import { joinFiles, putFile, sourceOf } from "./transfer/upload.ts";

/** The methods of a lake that change files and directories. */
export type LakeWriting = Pick<
  Lake,
  "write" | "append" | "concat" | "move" | "remove" | "setExpiry" | "mkdir"
>;

export function writeMethods(guard: Guard, { stat, stream }: LakeReading): LakeWriting {
  const { store } = guard;

  /** Runs `work` on a path, and returns the entry that is there then. */
  const writes = (
    path: string,
    signal: AbortSignal | undefined,
    work: (clean: string) => Promise<unknown>,
  ): Promise<LakeEntry> =>
    guard.attempt("write", path, signal, async (clean) => {
      await work(clean);
      return store.stat(clean, signal);
    });

  const refuse = (path: string, overwrite: boolean, signal: AbortSignal | undefined) =>
    guard.attempt("write", guard.file(path), signal, (clean) =>
      refuseTarget(store, clean, overwrite, signal),
    );

  async function write(
    path: string,
    content: LakeContent,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    // A stream that fails before it is read would end the process; reading it throws the error.
    if (content instanceof Readable) content.on("error", () => {});
    await refuse(path, overwrite, signal);
    const source =
      typeof content === "string" || content instanceof Uint8Array ? sourceOf(content) : content;
    return writes(path, signal, (clean) => putFile(store, clean, source, { overwrite, signal }));
  }

  async function append(
    path: string,
    content: string | Uint8Array,
    { signal }: LakeCallOptions = {},
  ): Promise<LakeEntry> {
    const there = await guard.find(path, signal);
    if (there?.kind === "directory") throw isDirectoryError(store.address, there.path);
    if (!there) return write(path, content, { signal });
    const source = sourceOf(content);
    return writes(path, signal, async (clean) => {
      const bytes = await source.read(0, source.size);
      await store.append(clean, there.size, bytes, signal);
      await store.flush(clean, there.size + bytes.length, signal, there.etag);
    });
  }

  async function concat(
    parts: readonly string[],
    to: string,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    const sources = parts.map((part) => guard.file(part));
    if (sources.length === 0 || new Set(sources).size < sources.length) {
      throw new LakeError("BAD_PATH", `${to} needs parts, and each of them once`);
    }
    await refuse(to, overwrite, signal);
    for (const source of sources) {
      const { kind } = await stat(source, { signal });
      if (kind === "directory") throw isDirectoryError(store.address, source);
    }
    const options = { overwrite, signal };
    return writes(to, signal, async (clean) => {
      if (await joinFiles(store, sources, clean, options)) return;
      await putFile(store, clean, streamAll(sources, signal), options);
      for (const source of sources) {
        if (source !== clean) await store.remove(source, false, signal);
      }
    });
  }

  async function* streamAll(
    paths: readonly string[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    for (const path of paths) {
      for await (const chunk of stream(path, { signal })) yield chunk;
    }
  }

  async function move(
    from: string,
    to: string,
    { overwrite = false, signal }: WriteOptions = {},
  ): Promise<LakeEntry> {
    const source = guard.file(from);
    await refuse(to, overwrite, signal);
    await guard.attempt("read", source, signal, (clean) => store.stat(clean, signal));
    return writes(to, signal, (clean) => store.rename(source, clean, overwrite, signal));
  }

  async function setExpiry(
    path: string,
    at: Date | undefined,
    { signal }: LakeCallOptions = {},
  ): Promise<LakeEntry> {
    if (at && !(at.getTime() > Date.now())) {
      throw new LakeError("BAD_REQUEST", `${path} cannot expire in the past`, {
        hint: "Give a Date that is yet to come, or undefined for never.",
      });
    }
    return writes(guard.file(path), signal, async (clean) => {
      const { kind } = await store.stat(clean, signal);
      if (kind === "directory") throw isDirectoryError(store.address, clean);
      await store.setExpiry(clean, at, signal);
    });
  }

  return {
    write,
    append,
    concat,
    move,
    setExpiry,
    remove: async (path, { recursive = false, signal } = {}) =>
      guard.attempt("delete", guard.file(path), signal, (clean) =>
        store.remove(clean, recursive, signal),
      ),
    mkdir: (path, { signal } = {}) =>
      writes(path, signal, async (clean) => {
        if (!clean) return;
        // Fabric creates items and the first folders in them.
        if (isOneLake(store.address) && clean.split("/").length < 3) {
          const there = await store.stat(clean, signal).catch(ignoreMissing);
          if (!there) refuseManaged(store.address, clean);
        } else await store.createDirectory(guard.file(clean), signal);
      }),
  };
}
