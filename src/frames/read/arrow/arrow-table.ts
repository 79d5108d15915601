// As a whole: see refuse-old-node.ts.
import zlib from "node:zlib";
import { CompressionType, compressionRegistry, RecordBatchReader } from "apache-arrow";
import { FrameError } from "../../../core/errors.ts";
import type { StagedFile } from "../../cache/stage.ts";
import type { Engine } from "../../sql/engine.ts";
import { yieldRegularly } from "../../sql/yield-regularly.ts";
import { refuseColumns } from "../column-limit.ts";
import { readWhole } from "../compressed-files.ts";
import type { ReadOptions } from "../read-options.ts";
import { ArrowAppender } from "./arrow-appender.ts";
import { checkBlocks, isBigEndian } from "./arrow-check.ts";
import { unpackLz4 } from "./lz4.ts";

// The largest Buffer of all supported versions of Node.
const MAX_BYTES = 2 * 2 ** 30;
const MAGIC = "ARROW1";

/**
 * Creates a table of the engine from an Arrow IPC file or stream.
 *
 * @throws FrameError `BAD_FILE`, `UNKNOWN_TYPE`, `TOO_LARGE`
 */
export async function arrowTable(
  engine: Engine,
  table: string,
  file: StagedFile,
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<void> {
  const { maxUnpackedBytes = MAX_BYTES } = options;
  const bytes = await readWhole(file.localPath, maxUnpackedBytes, file.entry.path);
  refuseOthers(bytes, file.entry.path);
  registerCodecs();
  try {
    if (isBigEndian(bytes)) throw bigEndian(file.entry.path);
    await append(engine, table, bytes, (count) => refuseColumns(file, count, options), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof FrameError) throw cause;
    const [, type] =
      /^Unrecognized type: "(RunEndEncoded|ListView|LargeListView)"/.exec(
        (cause as Error).message ?? "",
      ) ?? [];
    if (type) {
      throw new FrameError(
        "UNKNOWN_TYPE",
        `${file.entry.path} has a column of Arrow's type ${type}`,
        {
          hint: "The file is whole, but this type is not read here. Write it without, or as a plain list or column.",
          cause,
        },
      );
    }
    throw new FrameError("BAD_FILE", `${file.entry.path} cannot be read as Arrow`, {
      hint: `It was cut off or damaged: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    });
  }
}

async function append(
  engine: Engine,
  table: string,
  bytes: Uint8Array,
  checkColumns: (columns: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = RecordBatchReader.from(bytes).open();
  checkBlocks(reader, bytes);
  checkColumns(reader.schema.fields.length);
  const names = reader.schema.fields.map(({ name }) => name);
  const appender = await ArrowAppender.create(engine, table, reader.schema, names);
  const pause = yieldRegularly(signal);
  for (const batch of reader) await appender.add(batch, pause);
  appender.close();
}

/** Arrow's reader takes any other file for a stream without rows. */
function refuseOthers(bytes: Uint8Array, path: string): void {
  const start = Buffer.from(bytes.subarray(0, 6)).toString("latin1");
  const end = Buffer.from(bytes.subarray(-6)).toString("latin1");
  const isStream = bytes.length > 8 && start.startsWith("\xff\xff\xff\xff");
  if (isStream || (start === MAGIC && end === MAGIC && bytes.length > 16)) return;
  const what = start === MAGIC ? "ends before its footer" : "is no Arrow IPC file or stream";
  throw new FrameError("BAD_FILE", `${path} ${what}`, {
    hint: start.startsWith("FEA1")
      ? "It is a Feather file of version 1, which came before Arrow IPC. Write it anew."
      : "It was cut off, or is of another format: say which with { format }.",
  });
}

function bigEndian(path: string): FrameError {
  return new FrameError("UNKNOWN_TYPE", `${path} is Arrow with the highest byte first`, {
    hint: "It was written on a big-endian machine. Write it there as Parquet, or as Arrow after pyarrow has read it on another machine.",
  });
}

/** Registers decompression with Arrow's reader. */
export function registerCodecs(): void {
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (packed) => zlib.zstdDecompressSync(packed),
  });
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unpackLz4 });
}
