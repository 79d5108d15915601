import { FrameError } from "../../../core/errors.ts";
import type { TableState } from "../delta-actions.ts";
import { type JsonField, type JsonType, jsonFieldsOf } from "../delta-schema.ts";

/** Features that ask nothing of a writer, or only where a table uses them: see `usedFeature`. */
const WRITTEN = new Set([
  "allowColumnDefaults",
  "appendOnly",
  "changeDataFeed",
  "checkConstraints",
  "columnMapping",
  "deletionVectors",
  "domainMetadata",
  "generatedColumns",
  "identityColumns",
  "invariants",
  "timestampNtz",
  "typeWidening",
  "typeWidening-preview",
  "v2Checkpoint",
  "vacuumProtocolCheck",
]);

/**
 * Refuses a table that asks of its writers what is not written here, by the name of the feature.
 *
 * @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#requirements-for-writers
 * @throws FrameError `UNSUPPORTED`
 */
export function refuseUnwritten(place: string, state: TableState): void {
  const { minWriterVersion: version, writerFeatures } = state.protocol ?? {};
  if ((version ?? 1) > 7) {
    const what = `needs writer version ${version}, the newest known is 7`;
    throw refused(`the Delta table ${place} ${what}`);
  }
  const features = version === 7 ? (writerFeatures ?? []) : [];
  const unknown = features.filter((name) => !WRITTEN.has(name));
  const used = unknown.length > 0 ? unknown.join(", ") : usedFeature(place, state);
  if (used) throw refused(`the Delta table ${place} uses ${used}, which is not written here`);
}

/** Refuses to remove rows from a table that only grows. @throws FrameError `APPEND_ONLY` */
export function refuseAppendOnly(place: string, { metaData }: TableState): void {
  if (metaData?.configuration?.["delta.appendOnly"] !== "true") return;
  throw new FrameError("APPEND_ONLY", `the Delta table ${place} is only appended to`, {
    hint: 'Its property delta.appendOnly says so. Write with { mode: "append" }, or change the property where the table is managed.',
  });
}

/** A feature that the table uses, and that a writer has to do something for. */
function usedFeature(place: string, { metaData }: TableState): string | undefined {
  const settings = metaData?.configuration ?? {};
  const mode = settings["delta.columnMapping.mode"] ?? "none";
  if (mode !== "none") return `columnMapping (by ${mode})`;
  const constraint = Object.keys(settings).find((key) => key.startsWith("delta.constraints."));
  if (constraint) return `checkConstraints (${constraint.slice("delta.constraints.".length)})`;
  for (const field of jsonFieldsOf(place, metaData)) {
    const used = featureOf(field);
    if (used) return `${used} (column ${field.name})`;
  }
  return undefined;
}

const BY_METADATA: readonly (readonly [key: string, feature: string])[] = [
  ["delta.invariants", "invariants"],
  ["delta.generationExpression", "generatedColumns"],
  ["delta.identity.start", "identityColumns"],
  ["CURRENT_DEFAULT", "allowColumnDefaults"],
];

function featureOf({ type, metadata = {} }: JsonField): string | undefined {
  const [, feature] = BY_METADATA.find(([key]) => metadata[key] !== undefined) ?? [];
  return feature ?? featureWithin(type);
}

function featureWithin(type: JsonType): string | undefined {
  if (typeof type === "string") {
    return type === "variant" || type === "void" ? `the type ${type}` : undefined;
  }
  switch (type.type) {
    case "struct":
      for (const field of type.fields) {
        const feature = field.nullable === false ? "required parts" : featureOf(field);
        if (feature) return feature;
      }
      return undefined;
    case "array":
      return type.containsNull === false ? "required elements" : featureWithin(type.elementType);
    case "map":
      return type.valueContainsNull === false
        ? "required values"
        : (featureWithin(type.keyType) ?? featureWithin(type.valueType));
  }
}

function refused(message: string): FrameError {
  return new FrameError("UNSUPPORTED", message, {
    hint: "Nothing was written. Write it with an engine that knows the feature, such as Spark, or write to a table of your own.",
  });
}
