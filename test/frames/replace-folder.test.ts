import { DataFrame } from "danfojs-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { writeFrame } from "../../src/frames/write-frame.ts";
import type { Lake } from "../../src/lake/lake.ts";
import type { ContractLake } from "../lake/contract/contract-lake.ts";
import { collect } from "../lake/practice-cloud.ts";
import { startLake } from "../lake/start-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

scratchFolder();
const OLD = frameOf("old");
const NEW = frameOf("new");
const PATH = "out/sales";
const options = { partitionBy: ["shop"], overwrite: true };

function frameOf(age: string): DataFrame {
  return new DataFrame({ shop: ["a", "a", "b"], age: [age, age, age], n: [1, 2, 3] });
}

/** `lake` with some of its methods in another way. */
function changed(lake: Lake, methods: Partial<Lake>): Lake {
  return new Proxy(lake, {
    get(target, name) {
      const method = Reflect.get(name in methods ? methods : target, name);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

type How = "fails" | "succeeds without an answer" | "is the last before the process is killed";

/** A lake in which the call number `at` of those that change something goes wrong. */
function failing(lake: Lake, at: number, how: How): { lake: Lake; calls: () => number } {
  let calls = 0;
  const broken = () => new LakeError("UNREACHABLE", "the network is gone");
  const isKilled = () => how.startsWith("is the last") && calls > at;
  const change = <Args extends unknown[], T>(method: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      const isHere = ++calls === at;
      if (isKilled() || (isHere && how === "fails")) throw broken();
      const result = await method.apply(lake, args);
      if (isHere && how.startsWith("succeeds")) throw broken();
      return result;
    };
  };
  const exists = async (path: string) => {
    if (isKilled()) throw broken();
    return lake.exists(path);
  };
  const { upload, move, remove } = lake;
  const methods = { upload: change(upload), move: change(move), remove: change(remove), exists };
  return { lake: changed(lake, methods), calls: () => calls };
}

/** `lake` in which a folder that is replaced is away for a while. */
function pausing(lake: Lake): { lake: Lake; between: Promise<void> } {
  const { promise: between, resolve: reached } = Promise.withResolvers<void>();
  const move: Lake["move"] = async (from, to) => {
    const moved = await lake.move(from, to);
    if (to.endsWith(".old")) {
      reached();
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    return moved;
  };
  return { lake: changed(lake, { move }), between };
}

for (const generation of [2, 1] as const) {
  describe(`replacing a folder in Gen${generation}`, () => {
    let served: ContractLake;
    let lake: Lake;

    beforeAll(async () => {
      served = await startLake(generation);
      lake = served.lake;
      vi.spyOn(console, "warn").mockImplementation(() => {});
    });
    afterAll(async () => {
      vi.restoreAllMocks();
      await served.close();
    });

    const beside = async () =>
      (await collect(lake.list("out"))).map(({ path }) => path.replace(/\d{8}T.*\./, "TIME."));
    const held = async (path = PATH) => {
      const frame = await loadFrame(lake, path);
      return { ages: new Set(frame.column("age").values as string[]), rows: frame.shape[0] };
    };
    const all = (age: string) => ({ ages: new Set([age]), rows: 3 });
    const startWith = async (frame: DataFrame) => {
      await lake.remove("out", { recursive: true }).catch(() => undefined);
      await writeFrame(lake, PATH, frame, options);
    };

    it("replaces it and leaves nothing beside it", async () => {
      await startWith(OLD);
      await writeFrame(lake, PATH, NEW, options);
      expect(await held()).toEqual(all("new"));
      expect(await beside()).toEqual([PATH]);
    });

    // Two uploads, two renames, one removal.
    for (const at of [1, 2, 3, 4, 5]) {
      for (const how of ["fails", "succeeds without an answer"] as const) {
        it(`holds the old or the new when change ${at} ${how}`, async () => {
          await startWith(OLD);
          const broken = failing(lake, at, how);
          const outcome = await writeFrame(broken.lake, PATH, NEW, options).then(
            () => "new",
            ({ code }) => code,
          );
          expect(broken.calls()).toBeGreaterThanOrEqual(at);
          const { ages, rows } = await held();
          expect(rows).toBe(3);
          expect(ages.size).toBe(1);
          if (outcome === "new") expect(ages).toEqual(new Set(["new"]));
          else expect(outcome).toBe("UNREACHABLE");
          if (how === "fails" && at < 5) {
            expect(ages).toEqual(new Set(["old"]));
            expect(await beside()).toEqual([PATH]);
          }
          await writeFrame(lake, PATH, NEW, options);
          expect(await held()).toEqual(all("new"));
          expect(await beside()).toEqual([PATH]);
        });
      }
    }

    for (const at of [0, 1, 2, 3, 4, 5]) {
      it(`loses nothing when the process is killed after change ${at}`, async () => {
        await startWith(OLD);
        const killed = failing(lake, at, "is the last before the process is killed");
        await writeFrame(killed.lake, PATH, NEW, options).catch(() => undefined);
        if (at === 3) {
          expect(await beside()).toEqual(["out/.sales.TIME.new", "out/.sales.TIME.old"]);
          const error = await loadFrame(lake, PATH).catch((cause) => cause);
          expect(error).toMatchObject({ name: "FrameError", code: "REPLACING" });
          expect(error.hint).toMatch(/What it held is whole in out\/\.sales\.\S+\.old\./);
          // Whoever asks for what lies around it is told too, but nobody else is.
          await writeFrame(lake, "out/more", OLD, options);
          expect(await loadFrame(lake, "out").catch((cause) => cause.message)).toBe(error.message);
          expect(await held("out/m*/**")).toEqual(all("old"));
          await lake.remove("out/more", { recursive: true });
          // Without overwrite, what it held is put back, and is then in the way.
          const { overwrite: _, ...cautious } = options;
          await expect(writeFrame(lake, PATH, NEW, cautious)).rejects.toMatchObject({
            code: "EXISTS",
          });
        }
        expect(await held()).toEqual(all(at < 4 ? "old" : "new"));
        await writeFrame(lake, PATH, OLD, options);
        expect(await held()).toEqual(all("old"));
        // A new one that was not completed may be another process's: it stays for a day.
        expect((await beside()).filter((path) => path.endsWith(".old"))).toEqual([]);
        vi.useFakeTimers({ now: Date.now() + 25 * 3_600_000, toFake: ["Date"] });
        await writeFrame(lake, PATH, NEW, options).finally(() => vi.useRealTimers());
        expect(await beside()).toEqual([PATH]);
      });
    }

    it("lets a reader wait who comes between the two renames", async () => {
      await startWith(OLD);
      const { lake: paused, between } = pausing(lake);
      const written = writeFrame(paused, PATH, NEW, options);
      await between;
      expect(await lake.exists(PATH)).toBe(false);
      const places = [PATH, `${PATH}/**/*.parquet`];
      const seen = await Promise.all(places.map((place) => held(place)));
      expect(seen).toEqual([all("new"), all("new")]);
      await written;
    });

    it.each([
      ["out", 6],
      ["out/**/*.parquet", 6],
      ["out/*/shop=a/*.parquet", 4],
      ["out/{sales,more}/**", 6],
      ["out/s*/**", 3],
    ])("is not left out of %s between the two renames", async (place, rows) => {
      await startWith(OLD);
      await writeFrame(lake, "out/more", NEW, options);
      const { lake: paused, between } = pausing(lake);
      const written = writeFrame(paused, PATH, NEW, options);
      await between;
      expect(await lake.exists(PATH)).toBe(false);
      expect(await held(place)).toEqual({ ages: new Set(["new"]), rows });
      await written;
    });

    it("is not waited for where it is there and holds nothing of what is asked for", async () => {
      await startWith(OLD);
      await lake.write("out/.empty.20260102T030405Z.0123abcd.old/a.parquet", "old");
      await lake.write("out/empty/a.txt", "text");
      expect(await held("out/*/shop=*/*.parquet")).toEqual(all("old"));
    });

    it("notices what another writer changed in the new folder", async () => {
      await startWith(OLD);
      const meddled = changed(lake, {
        du: async (path) => {
          await lake.remove(`${path}/shop=a`, { recursive: true });
          return lake.du(path);
        },
      });
      await expect(writeFrame(meddled, PATH, NEW, options)).rejects.toMatchObject({
        code: "CONFLICT",
      });
      expect(await held()).toEqual(all("old"));
      expect(await beside()).toEqual([PATH]);
    });

    // In Gen1 a rename is a request for the path that it leaves.
    if (generation === 2) {
      it("puts the old one back when the service refuses a rename", async () => {
        await startWith(OLD);
        const path = "/out/sales";
        const fault = served.fail({ kind: "status", status: 403, method: "PUT", path, times: 1 });
        const written = writeFrame(lake, PATH, NEW, options);
        await expect(written).rejects.toMatchObject({ code: "FORBIDDEN" });
        fault.remove();
        expect(await held()).toEqual(all("old"));
        expect(await beside()).toEqual([PATH]);
      });
    }
  });
}
