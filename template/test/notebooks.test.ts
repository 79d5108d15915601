import { join } from "node:path";
import { defineNotebookTests } from "notelake/vitest";

// Runs each notebook in a kernel of its own, and compares its outputs with those stored in it.
defineNotebookTests({ dir: join(import.meta.dirname, "..", "notebooks") });
