/** Runs a function without Node's warnings, such as that of type stripping. */
export function withoutWarnings<T>(act: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}
