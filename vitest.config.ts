import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["notelake-source"], externalConditions: ["notelake-source"] } },
  test: {
    include: ["test/**/*.test.ts", "examples/vitest/*.test.ts"],
    globalSetup: "test/guard/global-setup.ts",
    execArgv: ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
