import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as stock from "tslab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareJupyterHome } from "../../src/kernel/jupyter-home.ts";
import { writeDeclarations } from "../../src/kernel/own-declarations.ts";
import * as imitation from "../../src/kernel/run/tslab.ts";
import type { Message } from "../../src/kernel/wire.ts";
import { type CellReply, openSession, type Session } from "./session.ts";

const root = join(import.meta.dirname, "../..");
const defaultUrl = "/lab";

const DISPLAY_CELLS = [
  `import { display, newDisplay } from "tslab";
   const bytes = new Uint8Array([1, 2, 3]);
   display.javascript("1"); display.html("<b>2</b>"); display.markdown("**3**");
   display.latex("$4$"); display.svg("<svg/>"); display.text("6"); display.png(bytes);
   display.jpeg(bytes); display.gif(bytes); display.pdf(Buffer.from("10"));
   display.raw("application/json", "{}"); display.raw("application/octet-stream", bytes);`,
  `const place = newDisplay(), other = newDisplay();
   place.text("1"); other.text("2"); place.html("<b>3</b>"); place.svg("<svg/>"); other.text("5");`,
  `place.text("in the next cell"); display.text("below");`,
];

/** What was shown and replaced, in order; displays are numbered, as their ids differ. */
function displays({ messages }: CellReply): unknown[] {
  const shown = messages.filter(({ header }) => header.msg_type.endsWith("display_data"));
  const idOf = ({ content }: Message) => (content.transient as { display_id?: string }).display_id;
  const ids = [...new Set(shown.map(idOf))];
  return shown.map((message) => {
    const { header, content } = message;
    const isUpdated = header.msg_type === "update_display_data" || undefined;
    const display = isUpdated && ids.indexOf(idOf(message));
    return { type: header.msg_type, data: content.data, display };
  });
}
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-tslab-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function kernels(notebooks: string): Promise<{ offered: string[]; allowed: string[] }> {
  const home = await prepareJupyterHome(join(folder, ".jupyter"), { notebooks, defaultUrl });
  const settings = JSON.parse(
    await readFile(join(home.folder, "config/jupyter_server_config.json"), "utf8"),
  );
  return {
    offered: await readdir(join(home.folder, "share/kernels")),
    allowed: settings.KernelSpecManager.allowed_kernelspecs,
  };
}

test("stock tslab is offered where the notebooks have it, and nowhere else", async () => {
  expect(await kernels(join(root, "notebooks"))).toEqual({
    offered: ["notelake", "tslab"],
    allowed: ["notelake", "tslab"],
  });
  // Neither is it left over from before.
  expect(await kernels(folder)).toEqual({ offered: ["notelake"], allowed: ["notelake"] });
});

describe("stock tslab in the checkout", () => {
  let session: Session;
  beforeAll(async () => {
    const notebooks = join(root, "notebooks");
    const home = await prepareJupyterHome(join(folder, ".jupyter"), { notebooks, defaultUrl });
    const file = join(home.folder, "share/kernels/tslab/kernel.json");
    const { argv, display_name } = JSON.parse(await readFile(file, "utf8"));
    expect(display_name).toBe("TypeScript (tslab 1.0.22)");
    expect(argv.at(-1)).toBe("{connection_file}");
    await writeDeclarations();
    session = await openSession(notebooks, { command: argv.slice(0, -1) });
  });
  afterAll(() => session?.client.shutdown());

  test("shows what our kernel shows by the same calls", async () => {
    const own = await openSession(folder);
    try {
      for (const cell of DISPLAY_CELLS) {
        const expected = displays(await session.run(cell));
        expect(expected.length, cell).toBeGreaterThan(1);
        expect(displays(await own.run(cell)), cell).toEqual(expected);
      }
    } finally {
      await own.client.shutdown();
    }
  });

  test("imports notelake, with its types", async () => {
    const cell = 'import { LakeError } from "notelake";\nLakeError.name';
    expect((await session.run(cell)).printed).toBe("LakeError\n");
    const danfo = 'import { DataFrame } from "notelake/danfo";\nnew DataFrame([[1, 2]]).shape';
    expect((await session.run(danfo)).printed).toBe("[ 1, 2 ]\n");
    const { reply, messages } = await session.run('new LakeError("NOT_FOUND", 1);');
    expect(reply.status).toBe("error");
    expect(JSON.stringify(messages)).toContain("Argument of type 'number' is not assignable");
  });
});

test("the API that cells import as tslab has the types of tslab's own", () => {
  // Checked by the compiler, in both directions.
  const own: Omit<typeof stock, "default"> = imitation;
  const other: typeof imitation = {} as typeof stock;
  expect([typeof own.display.raw, other]).toEqual(["function", {}]);
});
