import type { Cloud } from "../core/cloud.ts";
import { CloudError } from "../core/errors.ts";

/** Whether what is opened may be changed. */
export interface ChangeOptions {
  /**
   * Allow calls that create, overwrite or delete. Default: true in the practice cloud, false in
   * Azure, so that a tutorial that is pointed at a real account leaves it as it was.
   */
  writable?: boolean;
}

/**
 * `thing`, or without `writable` one whose other methods than `reading` reject with CloudError
 * `READ_ONLY` before a request is sent.
 */
export function unlessReadOnly<Thing extends object>(
  thing: Thing,
  { reading, dryRuns = [], what, cloud, writable }: ReadOnlyParts<Thing>,
): Thing {
  if (writable ?? cloud.kind === "practice") return thing;
  const refuse = (method: string) => async () => {
    throw new CloudError("READ_ONLY", `${what} was opened for reading, so it has no ${method}`, {
      hint:
        cloud.kind === "practice"
          ? "It was opened with { writable: false }: open it without, if the change is meant."
          : "This is Azure itself. Open it with { writable: true } if the change is meant.",
    });
  };
  return new Proxy(thing, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const reads = typeof name === "symbol" || (reading as readonly string[]).includes(name);
      if (reads) return value.bind(target);
      if (!(dryRuns as readonly string[]).includes(String(name))) return refuse(String(name));
      return (...given: { dryRun?: boolean }[]) =>
        given.at(-1)?.dryRun === true ? value.apply(target, given) : refuse(String(name))();
    },
  });
}

interface ReadOnlyParts<Thing> extends ChangeOptions {
  /** Methods that change nothing. */
  readonly reading: readonly (keyof Thing & string)[];
  /** Methods that change nothing with `{ dryRun: true }`. */
  readonly dryRuns?: readonly (keyof Thing & string)[];
  /** Its name in the error. */
  readonly what: string;
  readonly cloud: Cloud;
}
