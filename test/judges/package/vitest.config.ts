import { notebooks } from "notelake/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [notebooks()],
  test: { include: ["own.ipynb"] },
});
