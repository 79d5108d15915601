import { notebooks } from "notelake/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { plugins: [notebooks()], test: { name: "outputs", include: ["own.ipynb"] } },
      {
        plugins: [notebooks({ parameters: { days: 30 } })],
        test: { name: "month", include: ["parameters.ipynb"] },
      },
    ],
    coverage: { include: ["hours.ts"], reporter: ["json-summary"] },
  },
});
