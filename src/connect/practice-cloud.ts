import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { SignInOptions } from "../auth/methods.ts";
import { CLOUD_ENDPOINTS, type Cloud } from "../core/cloud.ts";
import { CloudError } from "../core/errors.ts";
import type { PracticeDescription } from "../practice/description.ts";

/** The kind of machine in the practice cloud. */
export type PracticeMachine = "laptop" | "virtual-machine";

let own: Promise<PracticeDescription> | undefined;

/**
 * The practice cloud of `NOTELAKE_PRACTICE`, else one that this process starts and that ends with
 * it.
 *
 * @throws CloudError `NO_PRACTICE`
 */
export async function findPractice(): Promise<PracticeDescription> {
  const file = process.env.NOTELAKE_PRACTICE;
  if (file) return readDescription(file);
  own ??= startOwn();
  return own;
}

export function practiceCloud(practice: PracticeDescription, machine: PracticeMachine): Cloud {
  const { origin, port, ca, programs, tenantId, clientId, subscriptionId, account } = practice;
  const { laptop, virtualMachine } = practice.metadata;
  const metadata = machine === "laptop" ? laptop : virtualMachine;
  return {
    ...CLOUD_ENDPOINTS.public,
    kind: "practice",
    authority: origin,
    management: origin,
    loopback: { port, ca, metadata, programs },
    tenantId,
    clientId,
    subscriptionId,
    account,
  };
}

/** Puts the practice cloud's `az`, `azd`, `pwsh` and browser first on PATH. */
export function usePracticePrograms({ programs }: PracticeDescription): void {
  const path = process.env.PATH ?? "";
  const others = path.split(delimiter).filter((folder) => folder !== programs);
  process.env.PATH = [programs, ...others].join(delimiter);
  if (process.env.NOTELAKE_HEADLESS) process.env.BROWSER = join(programs, "browser");
}

/**
 * In the practice cloud, a service without options signs in as the cloud's application; in Azure
 * the same call uses the environment.
 */
export function withPracticeService(
  { service, certificateFile, federatedTokenFile }: PracticeDescription,
  options: SignInOptions,
): SignInOptions {
  const { clientId } = service;
  switch (options.method) {
    case "client-secret":
      return { ...service, ...options };
    case "certificate":
      if (options.content) return { clientId, ...options };
      return { clientId, path: certificateFile, ...options };
    case "workload-identity":
      return { clientId, tokenFile: federatedTokenFile, ...options };
    default:
      return options;
  }
}

async function startOwn(): Promise<PracticeDescription> {
  const { startPractice } = await import("../practice/index.ts");
  // Headless, the practice cloud approves the code.
  const person = process.env.NOTELAKE_HEADLESS
    ? { approveDeviceCodesAs: "ada@contoso.com" }
    : { keepPersonSignedIn: true };
  const { description } = await startPractice({ ...person, background: true });
  return description;
}

function readDescription(file: string): PracticeDescription {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PracticeDescription;
  } catch (cause) {
    throw new CloudError("NO_PRACTICE", `the practice cloud of ${file} is not running`, {
      hint: "Start it with `npx notelake practice`, or unset NOTELAKE_PRACTICE to use one of your own.",
      cause,
    });
  }
}
