import { join } from "node:path";
import { defineNotebookTests } from "notelake/vitest";

defineNotebookTests({ dir: join(import.meta.dirname, "..", "notebooks") });
