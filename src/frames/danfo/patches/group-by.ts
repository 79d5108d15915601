import { isMissing } from "../../../core/missing.ts";
import { type Methods, type NDframe, notDefinedFor, type PatchTarget } from "./danfo-internals.ts";
import { notDefinedForText } from "./text-column.ts";
import { keyOfAll, labelOf } from "./value-keys.ts";

/** Danfo's groups, as far as they are patched; see Groupby in danfojs-node 1.2.0. */
interface Groups {
  readonly data: readonly (readonly unknown[])[];
  readonly keyCol: readonly string[];
  readonly columnName: readonly string[];
  readonly colDtype: readonly string[];
  /** The columns that are asked for. */
  readonly groupColNames: readonly string[];
  readonly colIndex: readonly number[];
  /** The values of each column in each group, by the group's name. */
  colDict: Record<string, Record<string, unknown[]>>;
  keyToValue: Record<string, unknown[]>;
  groupMathLog(values: unknown[], operation: string): unknown[];
  toDataFrame(groups: Groups["colDict"]): unknown;
}

/**
 * Groups are told apart by the values of their keys, of which Danfo takes the texts put together:
 * `a-b`, `c` and `a`, `b-c` were one group. Their sums, means and the like pass over nulls, and are
 * null for a group that has nothing else, or a single value to know the spread of; booleans count
 * as 0 and 1. Null is a key of its own, as in SQL.
 */
export function patchGroupBy({ danfo, frames }: PatchTarget): void {
  const sample = new danfo.DataFrame([[1]], { columns: ["a"] });
  const groups = Object.getPrototypeOf(sample.groupby(["a"])) as Groups & Methods;
  const { groupMathLog, arithemetic } = groups;

  groups.group = function grouped(this: Groups) {
    const names = new Map<string, string>();
    this.colDict = {};
    this.keyToValue = {};
    for (const row of this.data) {
      const keys = this.colIndex.map((place) => row[place]);
      const key = keyOfAll(keys);
      const name = names.get(key) ?? freeName(keys, this.keyToValue);
      names.set(key, name);
      this.keyToValue[name] ??= keys;
      this.colDict[name] ??= Object.fromEntries(this.columnName.map((column) => [column, []]));
      for (const [place, column] of this.columnName.entries()) {
        this.colDict[name]?.[column]?.push(row[place]);
      }
    }
    return this;
  } as Methods[string];

  groups.colKeyDict = ((dictionary: object) => Object.keys(dictionary)) as Methods[string];

  // Danfo copies all that it has so far for every further group.
  groups.toDataFrame = function framed(this: Groups, dictionary: Groups["colDict"]) {
    const columns: Record<string, unknown[]> = {};
    for (const [name, values] of Object.entries(dictionary)) {
      const length = Object.values(values)[0]?.length ?? 0;
      const keys = this.keyToValue[name] ?? [];
      const ofKeys = this.keyCol.map((key, place) => [key, Array(length).fill(keys[place])]);
      const all: typeof values = { ...Object.fromEntries(ofKeys), ...values };
      for (const [column, list] of Object.entries(all)) {
        columns[column] ??= [];
        for (const value of list) columns[column].push(value);
      }
    }
    return new danfo.DataFrame(columns);
  };

  groups.getGroup = function found(this: Groups, keys: readonly unknown[]) {
    const requested = keyOfAll(keys);
    const name = Object.keys(this.colDict).find(
      (each) => keyOfAll(this.keyToValue[each] ?? []) === requested,
    );
    if (name === undefined) throw new Error(`no group ${keys.join(", ")}`);
    return this.toDataFrame({ [name]: { ...this.colDict[name] } });
  } as Methods[string];

  groups.groupMathLog = function patched(this: Groups, values, operation) {
    const known = values.filter((value) => !isMissing(value));
    if (operation === "count") return [known.length];
    if (NUMERIC.test(operation)) refuseOthers(known, operation);
    const numbers = NUMERIC.test(operation) ? known.map(Number) : known;
    if (operation.startsWith("cum")) {
      const totals = groupMathLog.call(this, numbers, operation).values();
      return values.map((value) => (!isMissing(value) ? totals.next().value : null));
    }
    if (known.length === 0) return [operation === "sum" ? 0 : null];
    if (known.length === 1 && (operation === "std" || operation === "var")) return [null];
    return groupMathLog.call(this, numbers, operation);
  };

  groups.arithemetic = function checked(this: Groups, operation: string | Operations) {
    const asked = (column: string) =>
      [typeof operation === "string" ? operation : (operation[column] ?? [])].flat();
    const refused = (column: string) => {
      const type = this.colDtype[this.columnName.indexOf(column)];
      if (type === "string") return asked(column).find((name) => name !== "count");
      return type === "datetime" ? asked(column).find((name) => NUMERIC.test(name)) : undefined;
    };
    const column = this.groupColNames.find((name) => refused(name) !== undefined);
    if (column === undefined) return arithemetic?.call(this as never, operation as never);
    const name = refused(column) ?? "";
    const others = this.groupColNames.filter((each) => refused(each) === undefined);
    const call = `groupby(${JSON.stringify(this.keyCol)}).col(${JSON.stringify(others)})`;
    const instead = others.length > 0 ? `Of the others: df.${call}. ` : "";
    if (this.colDtype[this.columnName.indexOf(column)] === "string") {
      const values = Object.values(this.colDict).flatMap((group) => group[column] ?? []);
      throw notDefinedForText(name, column, values, instead);
    }
    throw notDefinedFor(name, `dates, which column ${column} holds`, instead);
  } as Methods[string];

  const { groupby } = frames;
  frames.groupby = function checked(this: NDframe, keys: readonly string[]) {
    const unknown = keys.find((key) => !this.columns.includes(key));
    if (unknown === undefined) return groupby?.call(this as never, keys as never);
    throw new Error(`no column ${unknown} to group by; there are ${this.columns.join(", ")}`);
  } as Methods[string];
}

/** By column, what is done to its values. */
type Operations = Readonly<Record<string, string | readonly string[]>>;

const NUMERIC = /^(sum|mean|std|var|median|cum\w+)$/;

function refuseOthers(values: readonly unknown[], operation: string): void {
  const other = values.find((value) => typeof value !== "number" && typeof value !== "boolean");
  if (other === undefined) return;
  throw notDefinedFor(operation, other instanceof Date ? "dates" : `${typeof other} values`);
}

/** The name that Danfo would give, unless other keys have it. */
function freeName(keys: readonly unknown[], used: object): string {
  const name = keys.map((key) => (!isMissing(key) ? labelOf(key) : "null")).join("-");
  let free = name;
  for (let times = 2; Object.hasOwn(used, free); times++) free = `${name} (${times})`;
  return free;
}
