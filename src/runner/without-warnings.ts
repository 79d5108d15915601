/**
 * Runs a function without Node's warnings, such as that of type stripping in the middle of a
 * report.
 */
export function withoutWarnings<T>(act: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}
