import type { SignInOptions } from "../auth/methods.ts";
import type { Session } from "../auth/sign-in-session.ts";
import { signInTo } from "../auth/sign-in-to.ts";
import { cellSignal } from "../core/cell.ts";
import { type Displayable, shownAs } from "../show/display.ts";
import { showSignInCard } from "../show/sign-in-card.ts";
import { signInReport } from "../show/sign-in-report.ts";
import { connected } from "./connection.ts";
import { withPracticeService } from "./practice-cloud.ts";

/**
 * Signs in to the connected cloud. The notebook shows what the user has to do; interrupting the
 * cell cancels it. Later calls act as the user who signed in last. As the value of a cell, the
 * session is shown as a report of the sign-in.
 *
 * @param options `method`: how; without it, each credential that needs no person is tried in turn
 * @throws SignInError with the code of what went wrong, such as `NO_CREDENTIAL`, `CODE_EXPIRED`,
 *   `BAD_SECRET` or `BLOCKED_BY_POLICY`; its `report` says what was tried
 * @example
 * await signIn({ method: "device-code" });
 *
 * @example
 * await signIn();                // the user already signed in on this machine, as by `az login`
 */
export async function signIn(options: SignInOptions = {}): Promise<Session & Displayable> {
  const here = await connected();
  const signal = cellSignal();
  const session = await signInTo(here.cloud, {
    onPrompt: showSignInCard,
    signal,
    ...(here.practice ? withPracticeService(here.practice, options) : options),
  });
  here.session = session;
  return shownAs(session, () => signInReport(session.report));
}
