import { delimiter } from "node:path";
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import {
  AzureCliCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  DeviceCodeCredential,
  ManagedIdentityCredential,
} from "@azure/identity";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import type { Cloud } from "../../src/core/cloud.ts";
import { openPractice } from "../auth/practice.ts";

// node test/bench/sign-in.bench.ts
// Each line: milliseconds of the Azure SDK's own credential and of notelake, and their ratio, in
// one run against the same practice cloud. The library is unmodified; only its transport leads to
// 127.0.0.1.

/** Stock credentials that do not end by themselves are given up after this long. */
const STOCK_LIMIT_MILLISECONDS = 65_000;

async function milliseconds(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task().catch(() => undefined);
  return performance.now() - started;
}

async function median(rounds: number, task: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await milliseconds(task));
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

function line(what: string, stock: number, ours: number): void {
  const cell = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`.padStart(11);
  const capped = stock >= STOCK_LIMIT_MILLISECONDS ? ">" : " ";
  console.log(
    `${what.padEnd(52)}${capped}${cell(stock)}${cell(ours)}${capped}${(stock / ours).toFixed(1)}x`,
  );
}

/** The stock library's way to the practice cloud. */
function transport(cloud: Cloud): HttpClient {
  const network = createDefaultHttpClient();
  const tlsSettings = { ca: cloud.loopback?.ca ?? "" };
  const metadata = cloud.loopback?.metadata ?? "";
  return {
    sendRequest(request) {
      request.url = request.url.replace("http://169.254.169.254", metadata);
      request.tlsSettings = tlsSettings;
      return network.sendRequest(request);
    },
  };
}

async function main(): Promise<void> {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AZURE_")) delete process.env[name];
  }
  const { practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" });
  const { description } = practice;
  const scope = cloud.scopes.storage;
  const httpClient = transport(cloud);
  const stockOptions = () => ({
    authorityHost: cloud.authority,
    disableInstanceDiscovery: true,
    httpClient,
  });
  const path = process.env.PATH ?? "";
  console.log(`${"".padEnd(54)}${"stock".padStart(10)}${"notelake".padStart(11)}  ratio`);

  const { clientId, clientSecret } = description.service;
  const tenantId = cloud.tenantId ?? "";
  const secretOptions = { method: "client-secret", clientId, clientSecret } as const;
  await signInTo(cloud, secretOptions);
  line(
    "client secret, a new credential",
    await median(15, async () => {
      const sdk = new ClientSecretCredential(tenantId, clientId, clientSecret, stockOptions());
      await sdk.getToken(scope, { enableCae: true });
    }),
    await median(15, () => signInTo(cloud, secretOptions)),
  );

  process.env.PATH = `${description.programs}${delimiter}${path}`;
  await practice.programs.signIn("az", "ada@contoso.com");
  const az = await signInTo(cloud, { method: "azure-cli" });
  const stockAz = new AzureCliCredential();
  line(
    "Azure CLI, a token again",
    await median(5, () => stockAz.getToken(scope)),
    await median(5, () => az.getToken(scope)),
  );
  process.env.PATH = "";

  const asked = { stock: 0, notelake: 0 };
  const stockUser = new DeviceCodeCredential({
    ...stockOptions(),
    tenantId,
    clientId: cloud.clientId ?? "",
    userPromptCallback: () => void asked.stock++,
  });
  await Promise.all([1, 2, 3].map(() => stockUser.getToken(scope, { enableCae: true })));
  const user = await signInTo(cloud, {
    method: "device-code",
    onPrompt: () => void asked.notelake++,
  });
  await Promise.all([1, 2, 3].map(() => user.getToken(scope)));
  line(
    "device code, a second audience without a prompt",
    await milliseconds(() => stockUser.getToken(cloud.scopes.management, { enableCae: true })),
    await milliseconds(() => user.getToken(cloud.scopes.management)),
  );
  console.log(`prompts when three ask at once: stock ${asked.stock}, notelake ${asked.notelake}`);

  const metadata = description.metadata.laptop;
  const laptop: Cloud = { ...cloud, loopback: { port: 0, ca: "", ...cloud.loopback, metadata } };
  const laptopOptions = () => ({ ...stockOptions(), httpClient: transport(laptop) });
  line(
    "whole chain, nothing there, IMDS a black hole",
    await median(3, () => new DefaultAzureCredential(laptopOptions()).getToken(scope)),
    await median(3, () => signInTo(laptop)),
  );
  const alone = await median(3, () => signInTo(laptop, { method: "managed-identity" }));
  const stockAlone = await milliseconds(() =>
    Promise.race([
      new ManagedIdentityCredential(laptopOptions()).getToken(scope),
      new Promise((resolve) => setTimeout(resolve, STOCK_LIMIT_MILLISECONDS)),
    ]),
  );
  line("managed identity alone, IMDS a black hole", stockAlone, alone);
  await practice.close();
  // The stock credential is still waiting.
  process.exit(0);
}

void main();
