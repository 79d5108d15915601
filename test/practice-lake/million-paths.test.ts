import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Store } from "../../src/practice/lake/storage/lake-store.ts";
import { type RawAnswer, type ServedLake, serveLake } from "./served-lake.ts";

const DIRECTORIES = 500;
const FILES = 1_999;
let folder: string;
let lake: ServedLake;
const database = () => join(folder, "lake/gen2/contosolake/names.db");

/** A million paths below `top`, put straight into the database: making them is not the question. */
async function plant(): Promise<void> {
  const store = new Store(join(folder, "lake/gen2/contosolake"), undefined);
  const { tree } = store;
  const { root } = store.fileSystems.create("many", null, "owner");
  const common = { owner: "owner", group: "owner", mode: 0o750, directory: 1 };
  const top = tree.add({ ...common, parent: root, name: "top" });
  const first = tree.newId();
  const columns = 'id, parent, name, directory, etag, created, modified, owner, "group", mode';
  const insert = (rows: string, ...values: number[]) =>
    tree.database.prepare(`insert into nodes (${columns}) ${rows}`).run(...values);
  const counted = "with recursive n(i) as (select 0 union all select i + 1 from n where i < ? - 1)";
  tree.transact(() => {
    const rest = "'0x1', 0, 0, 'owner', 'owner', 488";
    insert(
      `${counted} select ? + i, ?, printf('d%05d', i), 1, ${rest} from n`,
      DIRECTORIES,
      first,
      top.id,
    );
    insert(
      `${counted} select ? + i, ? + i / ${FILES}, printf('f%04d', i % ${FILES}), 0, ${rest} from n`,
      DIRECTORIES * FILES,
      first + DIRECTORIES,
      first,
    );
  });
  await store.close();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-million-"));
  await plant();
  lake = await serveLake({}, folder);
});
afterAll(async () => {
  await lake.close();
  await rm(folder, { recursive: true });
});

/** Bytes of names that a request writes; a directory's rows would be a hundred million. */
async function written(request: () => Promise<RawAnswer>): Promise<[number, number]> {
  const size = async () => (await stat(`${database()}-wal`)).size;
  const before = await size();
  const { status } = await request();
  return [status, (await size()) - before];
}

function rows(): number {
  const reader = new DatabaseSync(database(), { readOnly: true });
  const { n } = reader.prepare("select count(*) as n from nodes").get() as { n: number };
  reader.close();
  return n;
}

describe("a million paths", () => {
  test("are listed in order, each once", async () => {
    let last = "";
    let count = 0;
    let token: string | undefined;
    do {
      const query = `resource=filesystem&recursive=true&directory=top&continuation=${encodeURIComponent(token ?? "")}`;
      const { status, headers, body } = await lake.send({ target: `/many?${query}` });
      expect(status).toBe(200);
      const { paths } = JSON.parse(body.toString()) as { paths: { name: string }[] };
      expect(paths.length).toBeLessThanOrEqual(5_000);
      const isSorted = paths.every(({ name }) => {
        const isNext = name > last;
        last = name;
        return isNext;
      });
      expect(isSorted).toBe(true);
      count += paths.length;
      token = headers["x-ms-continuation"]?.toString();
    } while (token);
    expect(count).toBe(DIRECTORIES * FILES + DIRECTORIES);
  });

  test("move with the directory above them, as one name", async () => {
    const move = () =>
      lake.send({
        method: "PUT",
        target: "/many/moved",
        headers: { "x-ms-rename-source": "/many/top" },
      });
    const [status, bytes] = await written(move);
    expect(status).toBe(201);
    expect(bytes).toBeLessThan(1_000_000);
    const found = await lake.send({ method: "HEAD", target: "/many/moved/d00250/f0500" });
    expect(found.status).toBe(200);
  });

  test("are gone at once, and cleared away between requests", async () => {
    const before = rows();
    const remove = () =>
      lake.send({ method: "DELETE", target: "/many/moved?recursive=true&paginated=false" });
    const [status, bytes] = await written(remove);
    expect(status).toBe(200);
    expect(bytes).toBeLessThan(10_000_000);
    const gone = await lake.send({ method: "HEAD", target: "/many/moved/d00250/f0500" });
    expect(gone.status).toBe(404);
    // The requests were answered with most of the rows still to go; all of them will.
    expect(rows()).toBeGreaterThan(before / 2);
    await expect.poll(rows).toBeLessThan(before - 10_000);
  });
});
