/** Does what Node warns of where nobody can help it: its type stripping, in the midst of a report. */
export function withoutWarnings<T>(act: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}
