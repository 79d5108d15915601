// The bundled dataframe library, in the places where it differs from danfojs-node in a checkout.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import danfo, {
  DataFrame,
  readCSV,
  readExcel,
  readJSON,
  streamJSON,
  toExcel,
} from "notelake/danfo";

const frame = new DataFrame(
  [
    [1, 4],
    [2, 5],
    [3, 9],
  ],
  { columns: ["a", "b"] },
);
assert.equal(danfo.DataFrame, DataFrame);

// mathjs, in part; tensors of our own.
assert.deepEqual(frame.median({ axis: 0 }).values, [2, 5]);
assert.deepEqual(frame.column("a").std(), 1);
assert.deepEqual(frame.column("a").mode(), [1, 2, 3]);
assert.deepEqual(frame.add(1).values, [
  [2, 5],
  [3, 6],
  [4, 10],
]);
assert.match(frame.toString(), /║ 2 +│ 3 +│ 9/);

// What danfojs-node answers wrongly is an error here.
const text = new DataFrame([["1"]], { columns: ["a"] });
assert.throws(() => danfo.merge({ left: text, right: frame, on: ["a"], how: "left" }), /convert/);

// HTTP, by Node's own fetch.
const files = {
  "/a.csv": "a,b\n1,4\n2,5\n",
  "/a.json": JSON.stringify([{ a: 1 }, { a: 2 }]),
};
const server = createServer(({ url }, response) => {
  if (!(url in files)) response.statusCode = 404;
  response.end(files[url] ?? "");
}).listen(0, "127.0.0.1");
await once(server, "listening");
const site = `http://127.0.0.1:${server.address().port}`;
assert.deepEqual((await readCSV(`${site}/a.csv`)).values, [
  [1, 4],
  [2, 5],
]);
assert.deepEqual((await readJSON(`${site}/a.json`)).values, [[1], [2]]);
const rows = [];
await streamJSON(`${site}/a.json`, (row) => rows.push(...row.values), {});
assert.deepEqual(rows, [[1], [2]]);
await assert.rejects(readCSV(`${site}/b.csv`), /HTTP 404/);
server.close();

// Excel, by the package that notelake itself reads it with.
const folder = await mkdtemp(join(tmpdir(), "danfo-"));
toExcel(frame, { filePath: join(folder, "a.xlsx") });
assert.deepEqual((await readExcel(join(folder, "a.xlsx"))).values, [
  [1, 4],
  [2, 5],
  [3, 9],
]);
await rm(folder, { recursive: true });
console.log("holds: the bundled Danfo computes, reads CSV and JSON over HTTP, and Excel");
