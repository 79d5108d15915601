// Dies in the middle of a change: argv holds the files.
import { SealedStore } from "../../src/auth/remember/sealed-store.ts";

const change = await new SealedStore(JSON.parse(process.argv[2] ?? "")).change();
await change.write("count", "1");
process.stdout.write("holding", () => process.kill(process.pid, "SIGKILL"));
