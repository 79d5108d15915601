export { clientSettings } from "./client-settings.ts";
export type { PracticeCloud, PracticeDescription, PracticeOptions } from "./description.ts";
export { writeDescription } from "./settings-file.ts";
export { startPractice } from "./start.ts";
