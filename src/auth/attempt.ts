import type { AccessToken } from "@azure/core-auth";
import type { Cloud } from "../core/cloud.ts";
import { SignInError } from "../core/errors.ts";
import type { SignInAttempt } from "../core/sign-in-types.ts";
import type { Credential } from "./credential.ts";
import { describeFailure, type Failure, NOT_SET_UP, TIMED_OUT } from "./sign-in-failure.ts";
import { Recording, recorded } from "./traffic/recording.ts";
import { unlessAborted } from "./traffic/signals.ts";

export interface AttemptOptions {
  readonly scope: string;
  readonly claims?: string;
  readonly tenantId?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default: the credential's own. */
  readonly timeout?: number;
}

/** Result of an attempt, and the token if there is one. */
export interface AttemptResult {
  readonly attempt: SignInAttempt;
  readonly token?: AccessToken;
  readonly failure?: Failure;
}

/** Requests a token of a credential within its time limit. Never throws. */
export async function attemptSignIn(
  credential: Credential,
  cloud: Cloud,
  options: AttemptOptions,
): Promise<AttemptResult> {
  const started = performance.now();
  const limit = options.timeout ?? credential.timeout;
  const timer = new AbortController();
  const clock = limit === undefined ? undefined : setTimeout(() => timer.abort(late(limit)), limit);
  const signals = options.signal ? [timer.signal, options.signal] : [timer.signal];
  const recording = new Recording(cloud, AbortSignal.any(signals));
  const { scope, claims, tenantId } = options;
  const request = {
    scope,
    recording,
    ...(claims !== undefined && { claims }),
    ...(tenantId !== undefined && { tenantId }),
  };
  const report = (outcome: SignInAttempt["outcome"], failure?: Failure): SignInAttempt => ({
    method: credential.method,
    name: credential.name,
    outcome,
    milliseconds: Math.round(performance.now() - started),
    ...(failure ? { code: failure.code, reason: failure.reason } : reasonOf(credential)),
    ...(failure?.remedy && { remedy: failure.remedy }),
  });
  try {
    const token = await unlessAborted(
      recorded(recording, () => credential.getToken(request)),
      recording.signal,
    );
    return { attempt: report("signed-in"), token };
  } catch (error) {
    const failure = describeFailure(error, recording);
    return { attempt: report(outcomeOf(failure), failure), failure };
  } finally {
    clearTimeout(clock);
  }
}

function reasonOf({ reason }: Credential): Pick<SignInAttempt, "reason"> {
  return reason === undefined ? {} : { reason };
}

function outcomeOf({ code }: Failure): SignInAttempt["outcome"] {
  if (code === NOT_SET_UP) return "unavailable";
  return code === TIMED_OUT ? "timed-out" : "failed";
}

function late(limit: number): SignInError {
  return new SignInError(TIMED_OUT, `no answer in ${limit / 1000} s`, {
    hint: "Give it longer with the option timeout, in milliseconds.",
  });
}
