/** Common errors of the operating system, and their remedies. */
const REFUSALS: Readonly<Record<string, { what: string; remedy: string }>> = {
  EACCES: { what: "no permission", remedy: "Use a folder that you may write to." },
  EPERM: { what: "not permitted", remedy: "Use a folder that you may write to." },
  EROFS: { what: "the file system is read-only", remedy: "Use a folder that you may write to." },
  ENOSPC: { what: "the disk is full", remedy: "Free some space, and run this again." },
  EDQUOT: { what: "your disk quota is used up", remedy: "Free some space, and run this again." },
  EFBIG: { what: "the file would be larger than allowed", remedy: "See: ulimit -f" },
  ENOTDIR: { what: "a file is where a folder should be", remedy: "Use another folder." },
  EEXIST: { what: "it is there already", remedy: "Use another folder." },
  ENOENT: { what: "it is not there", remedy: "Check the path." },
  ENAMETOOLONG: { what: "the path is too long", remedy: "Use a shorter one." },
  EMFILE: { what: "too many open files", remedy: "Allow more: ulimit -n 4096" },
  EADDRINUSE: { what: "the port is in use", remedy: "Choose another one with --port." },
};

/**
 * Explains an error of the operating system in a line: `/data/x: no permission (EACCES). Use a
 * folder …`. Undefined for other errors.
 */
export function describeSystemError(error: unknown): string | undefined {
  const { code, path, port } = error as NodeJS.ErrnoException & { port?: number };
  const refusal = code && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (!refusal) return undefined;
  const place = path ?? (port === undefined ? undefined : `127.0.0.1:${port}`);
  return `${place ? `${place}: ` : ""}${refusal.what} (${code}). ${refusal.remedy}`;
}
