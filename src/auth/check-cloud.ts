import type { PipelineResponse } from "@azure/core-rest-pipeline";
import type { Check } from "../core/check.ts";
import { type Cloud, dfsEndpoint } from "../core/cloud.ts";
import { describeFailure } from "./sign-in-failure.ts";
import { signInTo } from "./sign-in-to.ts";
import { probe } from "./traffic/probe.ts";
import { Recording, recorded } from "./traffic/recording.ts";

/** Services refuse tokens when clocks differ by more than five minutes. */
const WORST_DRIFT_SECONDS = 300;
const NOTABLE_DRIFT_SECONDS = 60;
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Checks what signing in to `cloud` depends on: the environment, the authority, the clock, the
 * endpoints, and whether a credential works. Never prompts, and never throws.
 */
export async function checkCloud(cloud: Cloud, signal?: AbortSignal): Promise<Check[]> {
  const authority = await reach(cloud, authorityProbe(cloud), signal);
  const checks = [
    checkEnvironment(process.env),
    report("Authority", authority),
    ...(authority.response ? [checkClock(authority.response)] : []),
    report("Resource Manager", await reach(cloud, `${cloud.management}/tenants`, signal)),
  ];
  if (cloud.account) {
    // The practice cloud has a path for every host name.
    const url = cloud.loopback
      ? `${cloud.management}/${cloud.account}`
      : dfsEndpoint(cloud, cloud.account);
    checks.push(report(`Storage account ${cloud.account}`, await reach(cloud, url, signal)));
  }
  if (cloud.kind === "azure") checks.push(await checkSignIn(cloud, signal));
  return checks;
}

function authorityProbe({ authority, tenantId = "organizations" }: Cloud): string {
  return `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`;
}

/** Result of a request to a host; any answer shows that it can be reached. */
interface Reached {
  readonly host: string;
  readonly response?: PipelineResponse;
  readonly trouble?: { readonly reason: string; readonly remedy?: string };
}

async function reach(cloud: Cloud, url: string, signal?: AbortSignal): Promise<Reached> {
  const { host } = new URL(url);
  const recording = new Recording(cloud, signal ?? new AbortController().signal);
  try {
    const response = await recorded(recording, () => probe(url, TIMEOUT_MILLISECONDS));
    return { host, response };
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError" && !signal?.aborted) {
      const reason = `no answer from ${host} in ${TIMEOUT_MILLISECONDS / 1000} s`;
      return { host, trouble: { reason, remedy: "Check the network and HTTPS_PROXY." } };
    }
    const { reason, remedy } = describeFailure(error, recording);
    return { host, trouble: { reason, ...(remedy && { remedy }) } };
  }
}

function report(subject: string, { host, response, trouble }: Reached): Check {
  if (trouble) {
    const { reason, remedy } = trouble;
    return { subject, state: "failed", finding: reason, ...(remedy && { remedy }) };
  }
  const status = response?.status ?? 0;
  if (status < 500) return { subject, state: "ok", finding: `${host} answers` };
  return {
    subject,
    state: "warning",
    finding: `${host} answers ${status}`,
    remedy: "Try again later; https://azure.status.microsoft tells of outages.",
  };
}

function checkClock(response: PipelineResponse): Check {
  const subject = "Clock";
  const theirs = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) {
    return { subject, state: "ok", finding: "not compared: the authority sends no time" };
  }
  const drift = Math.round((Date.now() - theirs) / 1000);
  const finding = `${Math.abs(drift)} s ${drift < 0 ? "behind" : "ahead of"} the authority`;
  if (Math.abs(drift) < NOTABLE_DRIFT_SECONDS) {
    return { subject, state: "ok", finding: "agrees with the authority" };
  }
  const remedy = "Set it (timedatectl set-ntp true, w32tm /resync): tokens depend on it.";
  return {
    subject,
    state: Math.abs(drift) > WORST_DRIFT_SECONDS ? "failed" : "warning",
    finding,
    remedy,
  };
}

/** Variables that need others. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  AZURE_CLIENT_SECRET: ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"],
  AZURE_CLIENT_CERTIFICATE_PATH: ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"],
  AZURE_FEDERATED_TOKEN_FILE: ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"],
};

function checkEnvironment(environment: NodeJS.ProcessEnv): Check {
  const subject = "Environment";
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    return {
      subject,
      state: "failed",
      finding: "NODE_TLS_REJECT_UNAUTHORIZED is 0: anyone on the way can read tokens",
      remedy: "Unset it, and name your proxy's certificate in NODE_EXTRA_CA_CERTS instead.",
    };
  }
  for (const [name, others] of Object.entries(NEEDS)) {
    const missing = environment[name] ? others.filter((other) => !environment[other]) : [];
    if (missing.length > 0) {
      return {
        subject,
        state: "warning",
        finding: `${name} is set without ${missing.join(" and ")}`,
        remedy: `Set ${missing.join(" and ")} too, or unset ${name}.`,
      };
    }
  }
  const set = Object.keys(environment).filter(
    (name) => name.startsWith("AZURE_") && environment[name],
  );
  return {
    subject,
    state: "ok",
    finding: set.length > 0 ? `${set.sort().join(", ")} set` : "nothing of Azure is set",
  };
}

/** Whether the automatic chain signs in, without a prompt. */
async function checkSignIn(cloud: Cloud, signal?: AbortSignal): Promise<Check> {
  const subject = "Sign-in";
  try {
    const { account, report } = await signInTo(cloud, { signal });
    return { subject, state: "ok", finding: `${account.name}, by ${report.attempts.at(-1)?.name}` };
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    const [finding = message] = message.split("\n");
    const remedy = `Sign in with signIn({ method: "device-code" }), or set up one of these:\n${hint}`;
    return { subject, state: "warning", finding, remedy };
  }
}
