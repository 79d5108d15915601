import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["notelake-source"], externalConditions: ["notelake-source"] } },
  test: {
    include: ["test/**/*.test.ts", "examples/vitest/*.test.ts"],
    globalSetup: "test/guard/global-setup.ts",
    execArgv: ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"],
    // Many tests wait for timers, sockets and programs they started: one more than can run at once.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
