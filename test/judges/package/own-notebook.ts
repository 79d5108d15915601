import { defineNotebookTests } from "notelake/vitest";

defineNotebookTests({ dir: import.meta.dirname });
