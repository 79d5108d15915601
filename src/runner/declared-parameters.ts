import type { TestProject } from "vitest/node";
import { readNotebook } from "./notebook.ts";
import { parameterNames, unknownParameter } from "./parameters.ts";

/**
 * Refuses a parameter that no notebook of these projects declares: its name is misspelt.
 *
 * @throws ParameterError `PARAMETER`
 */
export async function refuseUndeclared(
  names: readonly string[],
  projects: readonly TestProject[],
): Promise<void> {
  const matches = await Promise.all(projects.map((project) => project.globTestFiles()));
  const files = matches.flatMap(({ testFiles }) => testFiles);
  const notebooks = [...new Set(files)].filter((file) => file.endsWith(".ipynb"));
  const declared = await Promise.all(
    // What is wrong with a notebook is said where it is tested; it may declare anything.
    notebooks.map((file) =>
      readNotebook(file)
        .then(parameterNames)
        .catch(() => names),
    ),
  );
  const known = [...new Set(declared.flat())].sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw unknownParameter("the notebooks of this project", unknown, known);
}
