import { FrameError } from "../../core/errors.ts";
import type { TableState } from "./delta-actions.ts";

// All of them are read, or change nothing for readers.
const KNOWN = new Set([
  "columnMapping",
  "deletionVectors",
  "timestampNtz",
  "typeWidening",
  "typeWidening-preview",
  "v2Checkpoint",
  "vacuumProtocolCheck",
  "variantType",
  "variantType-preview",
  // Files of such a table need not be shredded, and one that is is refused by itself.
  "variantShredding",
  "variantShredding-preview",
]);

const REWRITE =
  "Its files alone would give wrong rows, so they are not read. Drop that feature with ALTER TABLE … DROP FEATURE, or read the table with the program that wrote it.";
const HINTS: Readonly<Record<string, string>> = {
  catalogManaged:
    "Only its catalog knows the latest commits. Read it through the catalog, or have the catalog publish a copy.",
};

/**
 * Refuses a table with reader features that are not supported here. Writer features do not matter
 * for reading.
 *
 * @throws FrameError `UNSUPPORTED`
 */
export function refuseUnknown(place: string, { protocol }: TableState): void {
  const version = protocol?.minReaderVersion ?? 1;
  if (version > 3) {
    throw new FrameError(
      "UNSUPPORTED",
      `the Delta table ${place} needs reader version ${version}, the newest known is 3`,
      { hint: REWRITE },
    );
  }
  const unknown = featuresOf(protocol).filter((name) => !KNOWN.has(name));
  const [first] = unknown;
  if (first === undefined) return;
  throw new FrameError("UNSUPPORTED", `the Delta table ${place} uses ${unknown.join(", ")}`, {
    hint: HINTS[first] ?? REWRITE,
  });
}

/** How columns are found in data files: by their own name, by a physical name, or by a field id. */
export type ColumnMapping = "none" | "name" | "id";

/**
 * The table's column mapping, which counts only where the protocol has it.
 *
 * @throws FrameError `UNSUPPORTED` for a mode that is not known
 */
export function mappingOf(place: string, { protocol, metaData }: TableState): ColumnMapping {
  const version = protocol?.minReaderVersion ?? 1;
  if (version !== 2 && !featuresOf(protocol).includes("columnMapping")) return "none";
  const mode = metaData?.configuration?.["delta.columnMapping.mode"] ?? "none";
  if (mode === "none" || mode === "name" || mode === "id") return mode;
  throw new FrameError("UNSUPPORTED", `the Delta table ${place} maps its columns by ${mode}`, {
    hint: REWRITE,
  });
}

function featuresOf(protocol: TableState["protocol"]): readonly string[] {
  return protocol?.minReaderVersion === 3 ? (protocol.readerFeatures ?? []) : [];
}
