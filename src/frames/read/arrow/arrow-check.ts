import {
  type Data,
  DataType,
  MessageHeader,
  MessageReader,
  type RecordBatchReader,
  Type,
} from "apache-arrow";

const MAGIC_BYTES = 8;
const CONTINUATION = -1;

/**
 * Whether numbers are big-endian, as in Arrow files of some mainframes: the reader ignores that
 * field of the schema. See Message.fbs and Schema.fbs of the Arrow format, and "Tables" in the
 * FlatBuffers internals.
 */
export function isBigEndian(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFile = Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "ARROW1";
  let at = isFile ? MAGIC_BYTES : 0;
  if (view.getInt32(at, true) === CONTINUATION) at += 4;
  const message = at + 4;
  // Position of a field of a table; undefined if it has the default value.
  const field = (table: number, number: number) => {
    const slots = table - view.getInt32(table, true);
    const slot = 4 + 2 * number;
    const offset = slot < view.getUint16(slots, true) ? view.getUint16(slots + slot, true) : 0;
    return offset === 0 ? undefined : table + offset;
  };
  const root = message + view.getUint32(message, true);
  const [kind, header] = [field(root, 1), field(root, 2)];
  // Files of some writers have the schema at their end only.
  if (kind === undefined || view.getUint8(kind) !== MessageHeader.Schema) return false;
  if (header === undefined) return false;
  const endianness = field(header + view.getUint32(header, true), 0);
  return endianness !== undefined && view.getInt16(endianness, true) === 1;
}

/**
 * Checks that the footer of an Arrow file leads to complete messages of the right kind. The reader
 * would loop forever where it does not.
 *
 * @throws Error whose message says what is damaged
 */
export function checkBlocks(reader: RecordBatchReader, bytes: Uint8Array): void {
  const { footer } = reader;
  if (!footer) return;
  // A file ends with its footer, its length, and six magic letters.
  const size = Buffer.from(bytes.buffer, bytes.byteOffset).readInt32LE(bytes.length - 10);
  const limit = bytes.length - 10 - size;
  const kinds = [
    [MessageHeader.DictionaryBatch, footer.dictionaryBatches()],
    [MessageHeader.RecordBatch, footer.recordBatches()],
  ] as const;
  for (const [kind, blocks] of kinds) {
    for (const { offset, metaDataLength, bodyLength } of blocks) {
      const end = offset + metaDataLength + bodyLength;
      const isInside = offset >= 8 && metaDataLength > 0 && bodyLength >= 0 && end <= limit;
      const message = isInside
        ? new MessageReader(bytes.subarray(offset, offset + metaDataLength)).readMessage()
        : null;
      if (message?.headerType !== kind || Number(message.bodyLength) !== bodyLength) {
        throw new Error("its footer does not lead to its batches");
      }
    }
  }
}

/**
 * Checks that the buffers of a column are long enough, and that offsets are inside of them.
 *
 * @throws Error whose message says what is damaged
 */
export function checkData(data: Data): void {
  const { type, length, offset, nullBitmap, valueOffsets, values, children, dictionary } = data;
  if (length < 0 || offset < 0) throw short();
  const bitmap = (nullBitmap as Uint8Array | undefined)?.byteLength ?? 0;
  if (bitmap > 0 && data.nullCount > 0 && bitmap * 8 < offset + length) throw short();
  const bits = bitsOf(type);
  const room = (values as ArrayBufferView | undefined)?.byteLength ?? 0;
  if (bits !== undefined && room * 8 < bits * length) throw short();
  if (hasOffsets(type)) {
    const held =
      DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)
        ? (children[0]?.length ?? 0)
        : room;
    checkOffsets(valueOffsets as unknown as ArrayLike<number | bigint>, length, held);
  }
  if (DataType.isFixedSizeList(type) && (children[0]?.length ?? 0) < length * type.listSize) {
    throw short();
  }
  if (DataType.isStruct(type) && children.some((child) => child.length < length)) throw short();
  if (DataType.isDictionary(type)) checkIndices(data, dictionary?.length ?? 0);
  for (const child of children) checkData(child);
  for (const part of dictionary?.data ?? []) checkData(part);
}

/** Bits of a value of a type of fixed width. */
function bitsOf(type: DataType): number | undefined {
  if (DataType.isBool(type)) return 1;
  if (DataType.isInt(type) || DataType.isTime(type) || DataType.isDecimal(type))
    return type.bitWidth;
  if (DataType.isFloat(type)) return 16 << type.precision;
  if (DataType.isDate(type)) return type.unit === 0 ? 32 : 64;
  if (DataType.isTimestamp(type) || DataType.isDuration(type)) return 64;
  if (DataType.isFixedSizeBinary(type)) return type.byteWidth * 8;
  return DataType.isDictionary(type) ? type.indices.bitWidth : undefined;
}

const WITH_OFFSETS = new Set<Type>([
  Type.Utf8,
  Type.LargeUtf8,
  Type.Binary,
  Type.LargeBinary,
  Type.List,
  Type.LargeList,
  Type.Map,
]);

function hasOffsets(type: DataType): boolean {
  return WITH_OFFSETS.has(type.typeId);
}

function checkOffsets(offsets: ArrayLike<number | bigint>, length: number, held: number): void {
  // A column without rows may have none.
  if (length === 0) return;
  if (!offsets || offsets.length < length + 1) throw short();
  let before = Number(offsets[0]);
  if (before < 0) throw short();
  for (let row = 1; row <= length; row++) {
    const next = Number(offsets[row]);
    if (next < before) throw short();
    before = next;
  }
  if (before > held) throw short();
}

function checkIndices(data: Data, words: number): void {
  const indices = data.values as unknown as ArrayLike<number | bigint>;
  for (let row = 0; row < data.length; row++) {
    const index = Number(indices[row]);
    if ((index < 0 || index >= words) && data.getValid(row)) throw short();
  }
}

function short(): Error {
  return new Error("a column says that it holds more than it does");
}
