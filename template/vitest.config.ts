import { notebooks } from "notelake/vitest";
import { defineConfig } from "vitest/config";

// Each notebook runs in a kernel of its own, each of its cells is a test, and its outputs are compared
// with those stored in it.
export default defineConfig({
  plugins: [notebooks()],
  test: { include: ["notebooks/**/*.ipynb", "test/**/*.test.ts"] },
});
