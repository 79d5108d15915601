import { join } from "node:path";
import type { RoleCheck, TokenCheck } from "../principal.ts";
import { answerError } from "./answer.ts";
import { type Call, type LakeRequest, readCall, unreadCall } from "./call.ts";
import { dispatch } from "./dispatch.ts";
import { identify } from "./identify.ts";
import { Store } from "./store.ts";

export type { Dialect, LakeRequest } from "./call.ts";

/** What a practice lake needs from the cloud around it. */
export interface PracticeLakeOptions {
  /** Folder for the lake's names and bytes; made when it does not exist, never removed. */
  readonly dir: string;
  /** Folder whose folders are the first file systems of the account; read, never written. */
  readonly seed?: string;
  /** The account that the seed fills. */
  readonly account: string;
  readonly check: TokenCheck;
  readonly roles: RoleCheck;
}

/** The storage accounts of a practice cloud. */
export interface PracticeLake {
  hasAccount(name: string): boolean;
  /** Answers one request, refusals included; never rejects. */
  handle(request: LakeRequest): Promise<void>;
  /** Waits for what is under way and closes the files. */
  close(): Promise<void>;
}

/** Opens the lake kept in a folder, or a new one. */
export function openPracticeLake(options: PracticeLakeOptions): PracticeLake {
  const { dir, seed, account, check, roles } = options;
  const stores = new Map([[account, new Store(join(dir, account), seed)]]);

  async function handle(incoming: LakeRequest): Promise<void> {
    let call: Call = unreadCall(incoming);
    try {
      call = readCall(incoming);
      const store = stores.get(call.account);
      if (!store) throw new Error(`the lake has no account ${call.account}`);
      const { keys } = store;
      const identified = (of: Call) => identify(of, keys, check, roles);
      const caller = await identified(call);
      store.expire();
      await dispatch({ call, caller, store, identify: identified });
    } catch (error) {
      if (isGone(error)) call.response.destroy();
      else answerError(call, error);
    }
  }

  return {
    hasAccount: (name) => stores.has(name),
    handle,
    close: async () => {
      for (const store of stores.values()) await store.close();
    },
  };
}

/** Whether the caller went away in the middle of its own request. */
function isGone(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET";
}
