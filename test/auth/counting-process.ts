// Counts up in a store that other processes count in too: argv holds the files and the rounds.
import { EncryptedStore } from "../../src/auth/token-cache/encrypted-store.ts";

const [files, rounds] = process.argv.slice(2).map((text) => JSON.parse(text));
const store = new EncryptedStore(files);
async function count() {
  const change = await store.change();
  await change.write("count", String(Number((await change.read("count")) ?? 0) + 1));
  change.end();
}
await Promise.all(Array.from({ length: rounds }, count));
console.log("done");
