import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["notelake-source"], externalConditions: ["notelake-source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
