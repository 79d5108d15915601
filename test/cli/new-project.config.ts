import { defineConfig } from "vitest/config";

// What `npm test` does in a project of somebody's own, on the sources of this checkout.
export default defineConfig({
  ssr: { resolve: { conditions: ["notelake-source"], externalConditions: ["notelake-source"] } },
  test: { execArgv: ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"] },
});
