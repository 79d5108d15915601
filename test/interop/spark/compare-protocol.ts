import { readFile } from "node:fs/promises";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { file_spark_connect } from "../../../src/spark/protocol/spark-connect_pb.ts";

// node compare-protocol.ts FILE: every field of ours is in Spark's protocol under the same number.

type Messages = Record<string, Record<string, readonly [number: number, type: string]>>;

const theirs: Messages = JSON.parse(await readFile(process.argv[2] ?? "", "utf8"));
const wrong: string[] = [];
let compared = 0;

function compare(message: DescMessage): void {
  const name = short(message);
  for (const field of message.fields) {
    const [number, type] = theirs[name]?.[field.name] ?? [];
    compared++;
    if (number !== field.number || (type !== typeOf(field) && field.fieldKind !== "map")) {
      wrong.push(
        `${name}.${field.name}: ours ${field.number} ${typeOf(field)}, theirs ${number} ${type}`,
      );
    }
  }
  for (const nested of message.nestedMessages) compare(nested);
}

function short({ typeName }: { readonly typeName: string }): string {
  return typeName.replace("spark.connect.", "");
}

function typeOf(field: DescField): string {
  const list = field.fieldKind === "list" ? "repeated " : "";
  if (field.message) return list + short(field.message);
  if (field.enum) return list + short(field.enum);
  return list + (field.scalar === undefined ? "map" : ScalarType[field.scalar].toLowerCase());
}

for (const message of file_spark_connect.messages) compare(message);
if (wrong.length > 0 || compared < 150) {
  console.log([`${compared} fields compared`, ...wrong].join("\n"));
  process.exit(1);
}
console.log(`holds: ${compared} fields are those of Spark`);
