import { writeNewFileSync } from "../../lake/new-file.ts";

/** Writes a file of this machine, whose name gets the ending that Danfo gives it. */
export function writeLocal(filePath: string, ending: string, content: string | Uint8Array): void {
  writeNewFileSync(filePath.endsWith(ending) ? filePath : `${filePath}${ending}`, content);
}
