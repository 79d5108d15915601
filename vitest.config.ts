import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { notebooks } from "./src/runner/vitest.ts";
import { whyNoSpark } from "./test/spark-engine.ts";

// Every process of tests, and every program that a test starts, loads the SDKs anew.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/vitest-code");

/** Tests of what a process has once: a managed identity, and the cloud that cells are connected to. */
const PROCESS_WIDE = [
  "test/auth/{app-service,chain,clouds,faults,methods,secrecy}.test.ts",
  "test/connect/list-accounts.test.ts",
  "test/docs/examples.test.ts",
  "test/kernel/complete-path.test.ts",
];

/**
 * Node loads tests and sources by itself, as it does in use, and keeps their compiled code. One that
 * is older than 24 knows no `using`, which Vite translates.
 */
const isOld = Number.parseInt(process.versions.node, 10) < 24;
const BY_NODE = { viteModuleRunner: isOld, nodeLoader: false };

export default defineConfig({
  ssr: { resolve: { conditions: ["notelake-source"], externalConditions: ["notelake-source"] } },
  test: {
    globalSetup: "test/guard/global-setup.ts",
    execArgv: [
      "--conditions=notelake-source",
      "--disable-warning=ExperimentalWarning",
      // Tests make much that is soon of no use: a tenth less of the processor's time.
      "--max-semi-space-size=64",
    ],
    // Many tests wait for timers, sockets and programs they started: more than can run at once.
    maxWorkers: availableParallelism() + 3,
    // Only what never ends is to fail by its time, however busy the machine is.
    expect: { poll: { timeout: 120_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: "kit",
          include: ["test/**/*.test.ts", "examples/vitest/*.test.ts"],
          exclude: PROCESS_WIDE,
          experimental: BY_NODE,
          // Files of tests share processes: what they import is loaded and compiled once a process.
          isolate: false,
          setupFiles: "test/guard/restore-process.ts",
        },
      },
      {
        extends: true,
        test: { name: "process-wide", include: PROCESS_WIDE, experimental: BY_NODE },
      },
      {
        extends: true,
        plugins: [
          notebooks({
            startLimit: 120_000,
            cellLimit: 300_000,
            skip: (file) => (/10-scale-out-with-spark/.test(file) ? whyNoSpark() : undefined),
          }),
        ],
        test: { name: "notebooks", include: ["notebooks/*.ipynb"] },
      },
    ],
  },
});
