import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { ANSWERS, type Asked, type Meddling, type Told } from "./altering-proxy.ts";
import { collect } from "./practice-cloud.ts";
import { BIG, openRig, type Rig, SEEDS } from "./proxy-rig.ts";

// The service's own replies, changed on their way: a call gives what is right, or refuses.

const isGet = ({ method, target }: Asked) => method === "GET" && /\.(bin|csv)\b/.test(target);
const isHead = ({ method }: Asked) => method === "HEAD";
const isList = ({ target }: Asked) => /resource=filesystem|op=LISTSTATUS/.test(target);
const without = (...names: string[]): Change => {
  return ({ headers }) => {
    for (const name of names) delete headers[name];
  };
};
const set = (headers: Record<string, string>): Change => {
  return (told) => void Object.assign(told.headers, headers);
};
const body = (text: string): Change => {
  return (told) => {
    told.body = Buffer.from(text);
    told.headers["content-length"] = told.body.length;
  };
};
const status = (code: number): Change => {
  return (told) => {
    told.status = code;
  };
};

type Change = NonNullable<Meddling["change"]>;

interface Case extends Meddling {
  readonly call: (lake: Lake, folder: string) => Promise<unknown>;
  /** Default: NOT_AZURE. */
  readonly code?: string;
}

const read = (lake: Lake) => lake.read("big.bin");
const part = (lake: Lake) => lake.read("big.bin", { offset: 100_000, length: 1000 });
const list = (lake: Lake) => collect(lake.list("data"));
const deep = (lake: Lake) => collect(lake.list("**/*"));
const stream = async (lake: Lake) => Buffer.concat(await collect<Buffer>(lake.stream("big.bin")));
const download = (lake: Lake, folder: string) => lake.download("big.bin", join(folder, "big.bin"));
const shift = (by: number) => (told: Told) => {
  const range = String(told.headers["content-range"]);
  const [start = 0, last = 0, total = 0] = (range.match(/\d+/g) ?? []).map(Number);
  told.headers["content-range"] = `bytes ${start + by}-${last + by}/${total}`;
};
const unaware = ({ target }: Asked) => ({ target: target.replace(/&continuation=[^&]*/, "") });

/** Of Gen2 only: WebHDFS knows no ranges, no entity tags and no pages like these. */
const GEN2: Readonly<Record<string, Case>> = {
  "a read without a range": { of: isGet, change: without("content-range"), call: read },
  "a part without a range": { of: isGet, change: without("content-range"), call: part },
  "a part of elsewhere": { of: isGet, change: shift(1), call: part },
  "a first part of elsewhere": { of: isGet, change: shift(17), call: read },
  "a download of elsewhere": { of: isGet, change: shift(17), call: download },
  "a part that ends elsewhere": {
    of: isGet,
    change: (told) => {
      told.body = told.body.subarray(0, 900);
      told.headers["content-length"] = 900;
    },
    call: part,
  },
  "a part that says another start": {
    of: isGet,
    change: set({ "content-range": `bytes 100001-100999/${BIG.length}` }),
    call: part,
  },
  "a part that says another end": {
    of: isGet,
    change: set({ "content-range": `bytes 100000-101000/${BIG.length}` }),
    call: part,
  },
  "a range asked for that never gets there": {
    of: isGet,
    ask: ({ headers: { range: _, ...headers } }) => ({ headers }),
    call: part,
  },
  "200 in place of 206": { of: isGet, change: status(200), call: read },
  "206 in place of 200": { of: isGet, change: status(206), call: stream },
  "a total of its own": {
    of: isGet,
    change: ({ headers }) => {
      const range = String(headers["content-range"]);
      headers["content-range"] = range.replace(/\/\d+$/, "/900000");
    },
    call: download,
  },
  "a shorter file than was listed": {
    of: isGet,
    change: (told) => {
      told.body = told.body.subarray(0, 40);
      told.headers["content-length"] = 40;
      told.headers["content-range"] = "bytes 0-39/40";
    },
    call: download,
  },
  "a read of no version": { of: isGet, change: without("etag"), call: read },
  "a read of no time": { of: isGet, change: without("last-modified"), call: read },
  "a read of another version": {
    of: isGet,
    change: set({ etag: '"0xOTHER"' }),
    call: async (lake) => lake.read("big.bin", { etag: (await lake.stat("big.bin")).etag }),
  },
  "a range that is none": { of: isGet, change: set({ "content-range": "bytes x" }), call: read },
  "a stat of no length": {
    of: isHead,
    change: without("content-length"),
    call: (l) => l.stat("big.bin"),
  },
  "a stat of no version": { of: isHead, change: without("etag"), call: (l) => l.stat("big.bin") },
  "a stat of no time": {
    of: isHead,
    change: without("last-modified"),
    call: (l) => l.stat("big.bin"),
  },
  "a stat of a bad time": {
    of: isHead,
    change: set({ "last-modified": "yesterday" }),
    call: (lake) => lake.stat("big.bin"),
  },
  "access of no list": { of: isHead, change: without("x-ms-acl"), call: (l) => l.access("data") },
  "a list that goes on for ever": {
    of: isList,
    change: set({ "x-ms-continuation": "again" }),
    ask: unaware,
    call: list,
  },
  "a deep list that goes on for ever": {
    of: isList,
    change: set({ "x-ms-continuation": "again" }),
    ask: unaware,
    call: deep,
  },
  "a page that comes twice": {
    of: ({ target }) => isList({ target } as Asked),
    change: ({ headers }, { target }) => {
      headers["x-ms-continuation"] = `${/continuation=x*/.exec(target)?.[0].slice(13) ?? ""}x`;
    },
    ask: unaware,
    call: list,
  },
  "names of elsewhere": {
    of: isList,
    change: (told) => {
      const text = told.body.toString().replaceAll("data/", "other/");
      told.body = Buffer.from(text);
      told.headers["content-length"] = told.body.length;
    },
    call: list,
  },
  "entries of no length": { of: isList, change: body('{"paths":[{"name":"data/a"}]}'), call: list },
  "a removal that goes on for ever": {
    of: ({ method }) => method === "DELETE",
    change: set({ "x-ms-continuation": "again" }),
    ask: () => ({ method: "HEAD", target: "/raw/data" }),
    call: (lake) => lake.remove("data", { recursive: true }),
  },
  "a removal that was only accepted": {
    of: ({ method }) => method === "DELETE",
    change: status(202),
    ask: () => ({ method: "HEAD", target: "/raw/data" }),
    call: (lake) => lake.remove("data", { recursive: true }),
  },
  "changes of access that count nothing": {
    of: ({ method }) => method === "PATCH",
    change: body("{}"),
    call: (lake) => lake.setAcl("data", ["user::rwx"], { recursive: true, mode: "modify" }),
  },
  "changes of access that go on for ever": {
    of: ({ method }) => method === "PATCH",
    change: set({ "x-ms-continuation": "again" }),
    ask: unaware,
    call: (lake) => lake.setAcl("data", ["user::rwx"], { recursive: true, mode: "modify" }),
  },
  "a copy that nobody tells of": {
    of: ({ headers }) => "x-ms-copy-source" in headers,
    change: without("x-ms-copy-status"),
    call: (lake) => lake.copy("data/00.csv", "copied.csv"),
  },
};

const BOTH: Readonly<Record<string, Case>> = {
  "a read that has no id": { of: isGet, change: without("x-ms-request-id"), call: read },
  "a stat that has no id": {
    of: ({ target }) => /big\.bin/.test(target),
    change: without("x-ms-request-id"),
    call: (lake) => lake.stat("big.bin"),
  },
  "a read that is cut every time": {
    of: isGet,
    change: (told) => {
      told.cutAfter = 0;
    },
    call: read,
    code: "UNREACHABLE",
  },
  "a read of no length": { of: isGet, change: without("content-length"), call: read },
  "a list of null": { of: isList, change: body("null"), call: list },
  "a list that is a text": { of: isList, change: body('"data"'), call: list },
  "a list of no paths": {
    of: isList,
    change: body('{"paths":null,"FileStatuses":null}'),
    call: list,
  },
  "a list of nothing": {
    of: isList,
    change: body('{"paths":[null],"FileStatuses":{"FileStatus":[null]}}'),
    call: list,
  },
  "a list that is no JSON": { of: isList, change: body("<html></html>"), call: list },
  "half a list": {
    of: isList,
    change: (told) => {
      told.body = told.body.subarray(0, told.body.length / 2);
      told.headers["content-length"] = told.body.length;
    },
    call: list,
  },
  "an empty list": { of: isList, change: body(""), call: list },
  "a list of another type": {
    of: isList,
    change: set({ "content-type": "text/html" }),
    call: list,
  },
  "a write that made nothing": {
    of: ({ method }) => method === "PUT",
    change: status(204),
    ask: () => ({ method: "GET", target: "/nowhere" }),
    call: (lake) => lake.write("made.csv", "a"),
  },
  "a missing file by nobody's word": {
    of: isHead,
    change: (told) => {
      told.status = 404;
      delete told.headers["x-ms-request-id"];
    },
    call: (lake) => lake.exists("data/00.csv"),
  },
};

test("a Gen1 file that changes while it is read is not taken for one version", async () => {
  const rig = await openRig(1);
  let asked = 0;
  rig.between.meddling = {
    of: ({ target }) => /op=GETFILESTATUS/.test(target),
    change: (told) => {
      const { FileStatus } = JSON.parse(told.body.toString());
      const modificationTime = FileStatus.modificationTime + asked++; // as of a file written anew
      told.body = Buffer.from(JSON.stringify({ FileStatus: { ...FileStatus, modificationTime } }));
      told.headers["content-length"] = told.body.length;
    },
  };
  await expect(rig.lake.read("big.bin")).rejects.toMatchObject({ code: "CONFLICT" });
  expect(asked).toBe(2);
  await rig.close();
});

describe.each([1, 2] as const)("of generation %i", (generation) => {
  let rig: Rig;
  let folder: string;
  beforeAll(async () => {
    rig = await openRig(generation);
    folder = await mkdtemp(join(tmpdir(), "notelake-altered-"));
  });
  afterEach(() => {
    rig.between.meddling = undefined;
    rig.between.struck.length = 0;
  });
  afterAll(async () => {
    await rig.close();
    await rm(folder, { recursive: true });
  });

  const cases = generation === 1 ? BOTH : { ...BOTH, ...GEN2 };
  const applies = ([name]: [string, Case]) => generation === 2 || !/nobody's word/.test(name);
  test.each(Object.entries(cases).filter(applies))("%s is refused", async (_name, each) => {
    const { call, code = "NOT_AZURE", ...meddling } = each;
    rig.between.meddling = meddling;
    await expect(call(rig.lake, folder)).rejects.toMatchObject({ name: "LakeError", code });
    expect(rig.between.struck.length).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual([]);
    rig.between.meddling = undefined;
    expect(await rig.direct.readText("data/00.csv")).toBe(SEEDS["data/00.csv"]);
    expect(await rig.direct.exists("made.csv")).toBe(false);
    expect(await rig.direct.exists("copied.csv")).toBe(false);
  });

  test("a read that is cut again and again goes on to its end", async () => {
    rig.between.meddling = {
      of: isGet,
      change: (told) => {
        if (told.body.length > 100_000) told.cutAfter = 100_000;
      },
    };
    expect(Buffer.compare(await rig.lake.read("big.bin"), BIG)).toBe(0);
    expect(rig.between.struck.length).toBeGreaterThan(4);
  });

  test("a gateway that fails once is asked again", async () => {
    const { "502 and a page": answer } = ANSWERS;
    for (const call of [read, list]) {
      let times = 1;
      rig.between.meddling = { of: () => times-- > 0, ...(answer && { answer }) };
      expect(await call(rig.lake)).toEqual(await call(rig.direct));
      expect(times).toBeLessThan(0);
    }
  });

  test("the error says who answered, what it looked like and what to do, and nothing secret", async () => {
    rig.between.meddling = {
      of: isGet,
      answer: (_asked, response) => {
        const location = "https://portal.example.com/login?token=abcdefgh12345678";
        const headers = {
          Location: location,
          Server: "gate\u0007way/1",
          "Content-Type": "text/html",
        };
        response.writeHead(302, { ...headers, Server: "gateway/1", Via: "1.1 cache" });
        response.end(`<TITLE lang=en>Guest\n Wi-Fi ${"x".repeat(500)}</TITLE>`);
      },
    };
    const error = await rig.lake.read("big.bin").catch((reason: Error) => reason);
    const { message, status: shown } = error as Error & { status: number };
    expect(shown).toBe(302);
    expect(message).toContain("answered in its place (302)");
    expect(message).toContain('text/html "Guest Wi-Fi xxx');
    expect(message).toContain("(Server: gateway/1, Via: 1.1 cache, to: portal.example.com)");
    expect(message).toContain("HTTPS_PROXY");
    expect(message).not.toContain("abcdefgh12345678");
    expect(message.length).toBeLessThan(700);
  });
});
