// The parser of plain CSV comes along: what it takes is not read twice as fast only in a checkout.
import assert from "node:assert/strict";

const parser = new URL("./node_modules/notelake/dist/frames/read/plain-csv/", import.meta.url);
const { PartCollector } = await import(new URL("collect-parts.js", parser));
const { PlainReader } = await import(new URL("plain-reader.js", parser));
const { fileIn, memoryFor } = await import(new URL("rows-program.js", parser));

const text = "city,riders\nOslo,12\nLima,7\n";
const memory = memoryFor(text.length);
fileIn(memory, text.length).set(Buffer.from(text));
const spans = [{ start: 0, end: text.length }];
const collector = new PartCollector();
const reader = new PlainReader(memory, { size: text.length, spans }, collector);
let state;
do state = reader.advance([text.length]);
while (state === "more");
assert.equal(state, "done");
assert.deepEqual([...collector.parts[0].columns[1].values], [12, 7]);
