import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
} from "@azure/identity";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { claimsOf, numberOn, request, type ServedCloud, serveCloud } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";
const run = promisify(execFile);

describe("programs that sign in for themselves", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud();
    vi.stubEnv("PATH", `${served.programs}:${process.env.PATH}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await served.close();
  });
  afterEach(() => {
    for (const program of ["az", "azd", "pwsh"] as const) {
      served.cloud.programs.signOut(program);
    }
  });

  const programs = [
    ["az", AzureCliCredential, "Please run 'az login'"],
    ["azd", AzureDeveloperCliCredential, "Please run 'azd auth login'"],
    ["pwsh", AzurePowerShellCredential, "Please run 'Connect-AzAccount'"],
  ] as const;

  it.each(programs)("%s gives the token of whoever is signed in", async (name, Credential) => {
    await served.cloud.programs.signIn(name, "grace@contoso.com");
    const { token, expiresOnTimestamp } = await new Credential().getToken(STORAGE);
    expect(claimsOf(token)).toMatchObject({
      upn: "grace@contoso.com",
      aud: "https://storage.azure.com",
    });
    const { exp } = claimsOf(token);
    expect(Math.abs(expiresOnTimestamp - Number(exp) * 1000)).toBeLessThan(30_000);
  });

  it.each(programs)("%s says when nobody is signed in", async (_name, Credential, advice) => {
    await expect(new Credential().getToken(STORAGE)).rejects.toThrow(advice);
  });

  it.each(programs)("%s refuses a tenant that is not there", async (name, Credential) => {
    await served.cloud.programs.signIn(name, "ada@contoso.com");
    const other = "99999999-0000-0000-0000-000000000000";
    const credential = new Credential({ tenantId: other });
    await expect(credential.getToken(STORAGE)).rejects.toThrow("AADSTS90002");
  });

  it("az tells a wrong subscription from a right one", async () => {
    await served.cloud.programs.signIn("az", "ada@contoso.com");
    const right = new AzureCliCredential({ subscription: served.subscriptionId });
    expect(claimsOf((await right.getToken(STORAGE)).token).upn).toBe("ada@contoso.com");
    const wrong = new AzureCliCredential({ subscription: "No such subscription" });
    await expect(wrong.getToken(STORAGE)).rejects.toThrow();
  });

  it("az shows the account, and refuses what it cannot do", async () => {
    const az = join(served.programs, "az");
    await expect(run(az, ["account", "show"])).rejects.toMatchObject({
      stderr: "ERROR: Please run 'az login' to setup account.\n",
      code: 1,
    });
    await served.cloud.programs.signIn("az", "max@contoso.com");
    const { stdout } = await run(az, ["account", "show", "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      id: served.subscriptionId,
      user: { name: "max@contoso.com", type: "user" },
    });
    await expect(run(az, ["vm", "delete"])).rejects.toMatchObject({ code: 2 });
  });

  it.each([
    ["az", ["login", "--use-device-code"], ["logout"], AzureCliCredential],
    ["azd", ["auth", "login"], ["auth", "logout"], AzureDeveloperCliCredential],
  ] as const)(
    "%s signs a person in by a device code, and out",
    async (name, login, logout, Credential) => {
      const program = join(served.programs, name);
      const child = spawn(program, login);
      const [shown] = (await once(child.stderr, "data")) as [Buffer];
      const code = /enter the code (\w+) to authenticate/.exec(shown.toString())?.[1] ?? "";
      await approve(code, "max@contoso.com");
      const [exitCode] = await once(child, "exit");
      expect(exitCode).toBe(0);
      expect(claimsOf((await new Credential().getToken(STORAGE)).token).upn).toBe(
        "max@contoso.com",
      );
      await run(program, logout);
      await expect(new Credential().getToken(STORAGE)).rejects.toThrow("login");
    },
  );

  it("az says when the person has declined", async () => {
    const child = spawn(join(served.programs, "az"), ["login"]);
    const lines: string[] = [];
    child.stderr.on("data", (data: Buffer) => lines.push(data.toString()));
    await once(child.stderr, "data");
    const code = /enter the code (\w+) to authenticate/.exec(lines.join(""))?.[1] ?? "";
    await submit({ code, answer: "cancel" });
    const [exitCode] = await once(child, "close");
    expect(exitCode).toBe(1);
    expect(lines.join("")).toContain("ERROR: AADSTS70017");
  });

  function submit(fields: Record<string, string>) {
    return request(served.cloud, `${served.pages}/devicelogin`, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
    });
  }

  async function approve(code: string, user: string): Promise<void> {
    const page = await submit({ code, user });
    await submit({ code, user, answer: "approve", number: numberOn(page.text) });
  }

  it("are signed in and out over HTTP as well", async () => {
    const url = `${served.pages}/practice/programs`;
    const put = (body: string) => request(served.cloud, `${url}/azd`, { method: "PUT", body });
    expect((await put('{"user":"ada@contoso.com"}')).body).toEqual({
      az: false,
      azd: true,
      pwsh: false,
    });
    expect((await put('{"user":null}')).body.azd).toBe(false);
    expect((await put('{"user":"eve@contoso.com"}')).status).toBe(404);
    expect((await put("nonsense")).status).toBe(400);
    const unknown = await request(served.cloud, `${url}/gcloud`, { method: "PUT", body: "{}" });
    expect(unknown.status).toBe(404);
  });
});
