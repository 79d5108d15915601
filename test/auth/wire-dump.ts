// Preloaded into a kernel: writes the secrets that crossed the wire to the file NOTELAKE_WIRE names.
import { writeFileSync } from "node:fs";
import { readWire } from "./wire.ts";

const { secrets } = readWire();
process.on("exit", () => {
  const file = process.env.NOTELAKE_WIRE;
  const fields = [...secrets].map(([field, values]) => [field, [...values]]);
  if (file && fields.length > 0) writeFileSync(file, JSON.stringify(fields), { mode: 0o600 });
});
