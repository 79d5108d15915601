export type {
  PracticeCloud,
  PracticeDescription,
  PracticeOptions,
  PracticeService,
} from "./description.ts";
export { writeDescription } from "./settings-file.ts";
export { startPractice } from "./start.ts";
