// Dies in the middle of a change: argv holds the files.
import { EncryptedStore } from "../../src/auth/token-cache/encrypted-store.ts";

const change = await new EncryptedStore(JSON.parse(process.argv[2] ?? "")).change();
await change.write("count", "1");
process.stdout.write("holding", () => process.kill(process.pid, "SIGKILL"));
