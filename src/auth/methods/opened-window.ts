import type { ChildProcess } from "node:child_process";
import diagnostics from "node:diagnostics_channel";

/** A browser window that a credential opens. */
export interface OpenedWindow {
  /** The page, if it is in the command that opens it. */
  readonly url?: string;
  /** Resolves when that command fails, else never. */
  readonly failed: Promise<void>;
}

const AUTHORIZE = "/oauth2/v2.0/authorize?";

/**
 * Watches for the command that opens a browser, until the returned function is called: the Azure
 * SDK does not say which page it opens, and waits forever where none opens.
 */
export function watchWindow(opened: (window: OpenedWindow) => void): () => void {
  const started = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess };
    // The message is published before the command is set.
    setImmediate(() => {
      const words = child.spawnargs ?? [];
      const url = words.find((word) => word.includes(AUTHORIZE));
      // On Windows the page is in an encoded script.
      if (url === undefined && !words.some((word) => /powershell/i.test(word))) return;
      const failed = new Promise<void>((resolve) => {
        const ended = (code: number | null) => code !== 0 && resolve();
        if (child.exitCode !== null) ended(child.exitCode);
        else child.once("exit", ended).once("error", () => resolve());
      });
      opened({ failed, ...(url !== undefined && { url }) });
    });
  };
  diagnostics.subscribe("child_process", started);
  return () => diagnostics.unsubscribe("child_process", started);
}
