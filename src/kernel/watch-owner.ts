const INTERVAL_MS = 500;

/** Calls `gone` when the parent process has ended, even if it was killed. */
export function watchOwner(gone: () => void): void {
  const owner = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === owner) return;
    clearInterval(timer);
    gone();
  }, INTERVAL_MS);
  timer.unref();
}
