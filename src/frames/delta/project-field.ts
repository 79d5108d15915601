import { FrameError } from "../../core/errors.ts";
import { identifier, literal } from "../sql/engine.ts";
import { type Field, type FieldType, sqlOf } from "./delta-schema.ts";
import type { ParquetNode } from "./parquet-tree.ts";
import { VARIANT_FUNCTION } from "./variant.ts";

/**
 * SQL for a field of the table, from a data file that has it under another name, in a narrower
 * type, in parts only, or not at all.
 *
 * @param siblings the columns of the file, or the parts of the struct that the field is in
 * @param access SQL for one of the siblings
 */
export function projectField(
  field: Field,
  siblings: readonly ParquetNode[],
  access: (node: ParquetNode) => string,
): string {
  const node = columnOf(field, siblings);
  return node ? convert(access(node), field.type, node, 0) : `null::${sqlOf(field.type)}`;
}

/** The column of a data file that holds a field: by its field id where it has one, else by name. */
export function columnOf(field: Field, siblings: readonly ParquetNode[]): ParquetNode | undefined {
  if (field.id !== undefined) return siblings.find(({ id }) => id === field.id);
  const name = field.physicalName.toLowerCase();
  return (
    siblings.find((node) => node.name === field.physicalName) ??
    siblings.find((node) => node.name.toLowerCase() === name)
  );
}

/** @param depth makes the variables of nested lambdas differ */
function convert(value: string, type: FieldType, node: ParquetNode, depth: number): string {
  if (isSame(type, node)) return `${value}::${sqlOf(type)}`;
  const [first, second] = node.children;
  const item = `x${depth}`;
  if (type.kind === "struct") {
    const parts = type.fields.map((field) => {
      const part = projectField(
        field,
        node.children,
        ({ name }) => `struct_extract(${value}, ${literal(name)})`,
      );
      return `${identifier(field.name)} := ${part}`;
    });
    return `case when ${value} is null then null else struct_pack(${parts.join(", ")}) end`;
  }
  if (type.kind === "list" && first) {
    const element = convert(item, type.element, first, depth + 1);
    return `list_transform(${value}, lambda ${item}: ${element})`;
  }
  if (type.kind === "map" && first && second) {
    const key = convert(`${item}.key`, type.key, first, depth + 1);
    const mapped = convert(`${item}.value`, type.value, second, depth + 1);
    const entries = `list_transform(map_entries(${value}), lambda ${item}: {k: ${key}, v: ${mapped}})`;
    return `map_from_entries(${entries})`;
  }
  if (type.kind === "leaf" && type.sql === "JSON") return variant(value, node);
  if (type.kind === "leaf" && node.kind === "bytes") return `decode(${value})`;
  // The engine refuses impossible casts, such as one from a number to a list.
  return `${value}::${sqlOf(type)}`;
}

/** @throws FrameError `UNSUPPORTED` for a shredded variant */
function variant(value: string, node: ParquetNode): string {
  if (node.kind === "variant") return `${value}::JSON`;
  const parts = node.children.map(({ name }) => name);
  if (parts.includes("typed_value") || !parts.includes("metadata") || !parts.includes("value")) {
    throw new FrameError("UNSUPPORTED", `a variant is shredded into ${parts.join(", ")}`, {
      hint: "Rewrite the table with delta.enableVariantShredding = false, or read it with Spark.",
    });
  }
  return `${VARIANT_FUNCTION}(${value}.metadata, ${value}.value)::JSON`;
}

/** Whether all names are equal, so that the engine's own cast is right. */
function isSame(type: FieldType, node: ParquetNode): boolean {
  const [first, second] = node.children;
  switch (type.kind) {
    case "leaf":
      return node.kind === "leaf" || (node.kind === "bytes" && type.sql !== "VARCHAR");
    case "list":
      return node.kind === "list" && first !== undefined && isSame(type.element, first);
    case "map":
      return first && second ? isSame(type.key, first) && isSame(type.value, second) : false;
    case "struct":
      return (
        node.kind === "struct" &&
        type.fields.length === node.children.length &&
        type.fields.every((field, index) => {
          const child = node.children[index];
          return (
            child?.name === field.name && columnOf(field, [child]) && isSame(field.type, child)
          );
        })
      );
  }
}
