/** Values of Thrift's compact protocol, which the headers of a Parquet file are written in. */
export type ThriftValue =
  | { readonly of: "i32" | "i64"; readonly value: number }
  | { readonly of: "binary"; readonly value: string | Uint8Array }
  | { readonly of: "boolean"; readonly value: boolean }
  | { readonly of: "list"; readonly value: readonly ThriftValue[] }
  | { readonly of: "struct"; readonly value: ThriftStruct };

/** Fields by their ids, which grow. */
export type ThriftStruct = readonly (readonly [id: number, value: ThriftValue])[];

const TYPES = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const [TRUE, FALSE] = [1, 2];

export const i32 = (value: number): ThriftValue => ({ of: "i32", value });
export const i64 = (value: number): ThriftValue => ({ of: "i64", value });
export const binary = (value: string | Uint8Array): ThriftValue => ({ of: "binary", value });
export const boolean = (value: boolean): ThriftValue => ({ of: "boolean", value });
export const list = (value: readonly ThriftValue[]): ThriftValue => ({ of: "list", value });
export const struct = (...value: ThriftStruct): ThriftValue => ({ of: "struct", value });

export function toThrift(fields: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  addStruct(fields, bytes);
  return Uint8Array.from(bytes);
}

function addStruct(fields: ThriftStruct, bytes: number[]): void {
  let last = 0;
  for (const [id, value] of fields) {
    // Ids are less than 15 apart here.
    bytes.push(((id - last) << 4) | typeOf(value));
    // A boolean is all in its type.
    if (value.of !== "boolean") addValue(value, bytes);
    last = id;
  }
  bytes.push(0);
}

function typeOf(value: ThriftValue): number {
  if (value.of === "boolean") return value.value ? TRUE : FALSE;
  return TYPES[value.of];
}

function addValue(value: ThriftValue, bytes: number[]): void {
  switch (value.of) {
    case "i32":
    case "i64":
      // Never negative here.
      addVarint(2 * value.value, bytes);
      return;
    case "binary": {
      const content = Buffer.from(value.value as string);
      addVarint(content.length, bytes);
      bytes.push(...content);
      return;
    }
    case "boolean":
      bytes.push(typeOf(value));
      return;
    case "list": {
      const [first] = value.value;
      const count = value.value.length;
      const type = first ? typeOf(first) : TYPES.struct;
      bytes.push((Math.min(count, 15) << 4) | type);
      if (count >= 15) addVarint(count, bytes);
      for (const item of value.value) addValue(item, bytes);
      return;
    }
    case "struct":
      addStruct(value.value, bytes);
  }
}

/** Seven bits a byte, the lowest first. */
export function addVarint(value: number, bytes: number[]): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
}
