import type { ChildProcess } from "node:child_process";
import diagnostics from "node:diagnostics_channel";

/** A browser window that a credential opens. */
export interface OpenedWindow {
  /** The page, where the command that opens it says which. */
  readonly url?: string;
  /** Resolves when that command says that there is no browser, and else never. */
  readonly failed: Promise<void>;
}

const AUTHORIZE = "/oauth2/v2.0/authorize?";

/**
 * Watches for the command that opens a page to sign in at, until the function that is returned is
 * called: the Azure SDK opens windows itself, does not say which page, and waits for ever where none
 * opened.
 */
export function watchWindow(opened: (window: OpenedWindow) => void): () => void {
  const started = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess };
    // The message comes before the command is known.
    setImmediate(() => {
      const words = child.spawnargs ?? [];
      const url = words.find((word) => word.includes(AUTHORIZE));
      // Windows is given the page in a script that is encoded.
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
