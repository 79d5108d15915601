import { type KnownSecret, REDACTED, redactShapes } from "../core/redact.ts";
import type { CellProblem } from "./cell-error.ts";
import { type CellOutput, toLines } from "./notebook.ts";
import { formsOf } from "./secret-forms.ts";

/** Binary MIME types: anything in them that looks like a secret does so by chance. */
const BINARY = /^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:pdf|octet-stream|zip)\b)/;

/** Redacts secrets in a notebook's outputs, and reports the kinds found. */
export class Redactor {
  readonly #known: () => Iterable<KnownSecret>;
  readonly #forms = new Map<string, readonly string[]>();

  /** @param known returns the secrets known so far */
  constructor(known: () => Iterable<KnownSecret>) {
    this.#known = known;
  }

  /** A copy of a structure with the secrets in all its strings redacted. */
  clean<T>(value: T, onMatch: (kind: string) => void = () => {}): T {
    if (typeof value === "string") return this.#text(value, onMatch) as T;
    if (Array.isArray(value)) return value.map((item) => this.clean(item, onMatch)) as T;
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [
      this.#text(key, onMatch),
      this.clean(item, onMatch),
    ]);
    return Object.fromEntries(entries) as T;
  }

  /** Redacted outputs of a cell; `onMatch` is called with the kind of each secret found. */
  outputs(outputs: readonly CellOutput[], onMatch?: (kind: string) => void): CellOutput[] {
    return outputs.map((output) => {
      switch (output.output_type) {
        case "stream":
          return { ...output, text: toLines(this.clean(output.text.join(""), onMatch)) };
        case "error": {
          const { ename, evalue, traceback } = output;
          const lines = this.clean(traceback.join("\n"), onMatch).split("\n");
          return {
            ...output,
            ename: this.clean(ename, onMatch),
            evalue: this.clean(evalue, onMatch),
            traceback: traceback.length > 0 ? lines : [],
          };
        }
        default: {
          const data = Object.entries(output.data).map(([mime, content]) => [
            mime,
            this.#content(mime, content, onMatch),
          ]);
          const metadata = this.clean(output.metadata, onMatch);
          return { ...output, data: Object.fromEntries(data), metadata };
        }
      }
    });
  }

  /** The error of a cell whose outputs contain secrets; undefined when they contain none. */
  problem(outputs: readonly CellOutput[]): CellProblem | undefined {
    const kinds = new Set<string>();
    this.outputs(outputs, (kind) => kinds.add(kind));
    if (kinds.size === 0) return undefined;
    const what = [...kinds].join(", ");
    const evalue = `the cell shows what must stay secret: ${what}; nothing of it is stored`;
    return { ename: "SecretInOutput", evalue, traceback: [] };
  }

  /** Joins lines first: a secret may span several. */
  #content(mime: string, content: unknown, onMatch?: (kind: string) => void): unknown {
    const isLines = Array.isArray(content) && content.every((line) => typeof line === "string");
    const whole = isLines ? content.join("") : content;
    if (BINARY.test(mime) && typeof whole === "string") {
      const clean = this.#values(whole, onMatch);
      return isLines ? toLines(clean) : clean;
    }
    const clean = this.clean(whole, onMatch);
    return isLines ? toLines(String(clean)) : clean;
  }

  #text(text: string, onMatch: (kind: string) => void): string {
    return redactShapes(this.#values(text, onMatch), onMatch);
  }

  #values(text: string, onMatch: (kind: string) => void = () => {}): string {
    let clean = text;
    for (const { kind, value } of this.#known()) {
      for (const form of this.#formsOf(value)) {
        if (!clean.includes(form)) continue;
        onMatch(kind);
        clean = clean.replaceAll(form, REDACTED);
      }
    }
    return clean;
  }

  #formsOf(value: string): readonly string[] {
    const forms = this.#forms.get(value) ?? formsOf(value);
    this.#forms.set(value, forms);
    return forms;
  }
}
