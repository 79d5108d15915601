import { createHmac } from "node:crypto";
import {
  DataLakeSASPermissions,
  type DataLakeSASSignatureValues,
  DirectorySASPermissions,
  generateDataLakeSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-file-datalake";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
let key: StorageSharedKeyCredential;
const later = () => new Date(Date.now() + 3_600_000);

beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "a" });
  key = new StorageSharedKeyCredential(ACCOUNT, lake.lake.keys(ACCOUNT)?.key1 ?? "");
});
afterAll(() => lake.close());

const FILES = ["allowed/in.txt", "allowed/deep/in.txt", "allowed2/near.txt", "secret/out.txt"];
const put = (path: string) =>
  lake.send({ method: "PUT", target: `/raw/${path}?resource=file`, body: "" });

beforeEach(async () => {
  for (const path of FILES) await put(path);
});

interface Scope {
  /** Empty for the file system. */
  readonly path: string;
  readonly isDirectory: boolean;
}
const DIRECTORY: Scope = { path: "allowed", isDirectory: true };
const FILE_SYSTEM: Scope = { path: "", isDirectory: false };

const VERSION = "2021-12-02";

function hmac(text: string): string {
  const secret = Buffer.from(lake.lake.keys(ACCOUNT)?.key1 ?? "", "base64");
  return createHmac("sha256", secret).update(text).digest("base64");
}

/** A service SAS, by the reference; the client for JavaScript lets no directory be listed. */
function sasOf(
  letters: string,
  { path, isDirectory }: Scope,
  answers: Readonly<Record<string, string>> = {},
) {
  const time = `${later().toISOString().slice(0, 19)}Z`;
  const kind = path === "" ? "c" : isDirectory ? "d" : "b";
  const name = `/blob/${ACCOUNT}/raw${path === "" ? "" : `/${path}`}`;
  const said = ["rscc", "rscd", "rsce", "rscl", "rsct"].map((one) => answers[one] ?? "");
  const text = [letters, "", time, name, "", "", "", VERSION, kind, "", "", ...said].join("\n");
  const depth: Record<string, string> = isDirectory ? { sdd: "1" } : {};
  const fields = { sv: VERSION, sr: kind, sp: letters, se: time, sig: hmac(text) };
  return new URLSearchParams({ ...fields, ...depth, ...answers }).toString();
}

async function ask(method: string, target: string, headers: Readonly<Record<string, string>> = {}) {
  const body = method === "GET" || method === "HEAD" ? {} : { body: "" };
  const answer = await lake.send({ method, target, headers, as: "nobody", ...body });
  return { ...answer, code: answer.headers["x-ms-error-code"] };
}

/** A request that a signature may or may not let through: the path it is about, and its letters. */
interface Attempt {
  readonly method: string;
  readonly target: (sas: string) => string;
  readonly headers?: (sas: string) => Record<string, string>;
  /** What it works on, and of which letters one is needed there. */
  readonly needs: readonly (readonly [path: string, letters: string])[];
}

const inFolder = (path: string) => path.slice(0, path.lastIndexOf("/") + 1).replace(/\/$/, "");

function attempts(path: string, other: string): Attempt[] {
  const on = (method: string, query: string, letters: string): Attempt => ({
    method,
    target: (sas) => `/raw/${path}?${query}${sas}`,
    needs: [[path, letters]],
  });
  const lists = (query: string, directory: string): Attempt => ({
    method: "GET",
    target: (sas) => `/raw?${query}&${sas}`,
    needs: [[directory, "l"]],
  });
  const folder = inFolder(path);
  const elsewhere = inFolder(other);
  const move = {
    method: "PUT",
    target: (sas: string) => `/raw/${other}?mode=legacy&${sas}`,
    headers: () => ({ "x-ms-rename-source": `/raw/${path}` }),
    needs: [
      [path, "md"],
      [other, "mcw"],
    ],
  } satisfies Attempt;
  return [
    on("GET", "", "r"),
    on("HEAD", "", "re"),
    on("HEAD", "action=getAccessControl&", "er"),
    on("DELETE", "", "d"),
    on("PATCH", "action=append&position=0&", "aw"),
    on("PUT", "resource=file&", "w"),
    lists(`resource=filesystem&recursive=true&directory=${folder}`, folder),
    lists(`resource=filesystem&recursive=true&directory=${folder}&prefix=allowed/`, folder),
    lists(`restype=container&comp=list&prefix=${folder}/`, folder),
    lists(`restype=container&comp=list&prefix=${folder}/&directory=allowed`, folder),
    lists(`restype=container&comp=list&prefix=${folder}`, inFolder(folder)),
    lists(`restype=container&comp=list&prefix=${elsewhere}/&directory=${folder}`, elsewhere),
    move,
  ];
}

test("a signature lets through what its letters and its scope both cover, and nothing else", async () => {
  const scopes = [
    { scope: DIRECTORY, covers: (path: string) => /^allowed(\/|$)/.test(path) },
    { scope: FILE_SYSTEM, covers: () => true },
    {
      scope: { path: "allowed/in.txt", isDirectory: false },
      covers: (path: string) => path === "allowed/in.txt",
    },
  ];
  const choice = fc.record({
    signed: fc.constantFrom(...scopes),
    letters: fc.uniqueArray(fc.constantFrom(..."racwdlme"), { minLength: 1, maxLength: 4 }),
    path: fc.constantFrom(...FILES),
    other: fc.constantFrom(...FILES),
    index: fc.nat(attempts("a", "b").length - 1),
  });
  await fc.assert(
    fc.asyncProperty(choice, async ({ signed, letters, path, other, index }) => {
      for (const file of FILES) await put(file);
      const attempt = attempts(path, other)[index];
      if (!attempt) throw new Error("there is no such attempt");
      const sas = sasOf(letters.join(""), signed.scope);
      const answer = await ask(attempt.method, attempt.target(sas), attempt.headers?.(sas));
      const isAllowed = attempt.needs.every(
        ([on, wanted]) => signed.covers(on) && letters.some((letter) => wanted.includes(letter)),
      );
      expect([answer.code, answer.status !== 403]).toEqual([answer.code, isAllowed]);
    }),
    { numRuns: 300 },
  );
});

describe("a signature", () => {
  test("for somebody is held to letters, scope, signer and access list", async () => {
    const owner = lake.client("owner");
    const delegation = await owner.getUserDelegationKey(new Date(Date.now() - 60_000), later());
    const bob = "id-of-bob";
    const sign = (letters: string, agent: string) =>
      generateDataLakeSASQueryParameters(
        {
          pathName: "allowed",
          isDirectory: true,
          directoryDepth: 1,
          fileSystemName: "raw",
          expiresOn: later(),
          permissions: DirectorySASPermissions.parse(letters),
          agentObjectId: agent,
        },
        delegation,
        ACCOUNT,
      ).toString();
    const read = sign("r", "id-of-owner");
    const open = { "x-ms-permissions": "rwxr-x--x" };
    await lake.send({ method: "PATCH", target: "/raw?action=setAccessControl", headers: open });
    const target = "/raw/allowed/in.txt";
    expect((await ask("GET", `${target}?${read}`)).status).toBe(200);
    expect((await ask("PATCH", `${target}?action=append&position=0&${read}`)).status).toBe(403);
    expect((await ask("DELETE", `${target}?${read}`)).status).toBe(403);
    const rename = { "x-ms-rename-source": target };
    const all = sign("racwdme", "id-of-owner");
    expect((await ask("PUT", `/raw/secret/taken?mode=legacy`, rename)).status).toBe(401);
    expect((await ask("PUT", `/raw/secret/taken?mode=legacy&${all}`, rename)).status).toBe(403);
    expect((await ask("GET", `${target}?${sign("r", bob)}`)).status).toBe(403);
  });

  test("of a directory does not restore what lay elsewhere", async () => {
    await lake.client().setProperties({ deleteRetentionPolicy: { enabled: true, days: 1 } });
    const gone = await lake.send({ method: "DELETE", target: "/raw/secret/out.txt", body: "" });
    await lake.client().setProperties({ deleteRetentionPolicy: { enabled: false } });
    const source = `secret/out.txt?deletionid=${gone.headers["x-ms-deletion-id"]}`;
    const headers = { "x-ms-undelete-source": source };
    const target = `/raw/allowed/mine.txt?comp=undelete&${sasOf("racwdlme", DIRECTORY)}`;
    expect((await ask("PUT", target, headers)).status).toBe(403);
  });

  test("says everything once, and in words that it can have", async () => {
    const sas = sasOf("r", DIRECTORY);
    const broken = (text: string) => ask("GET", `/raw/allowed/in.txt?${text}`);
    expect((await broken(sas)).status).toBe(200);
    expect((await broken(`${sas}&sig=AAAA`)).code).toBe("AuthenticationFailed");
    expect((await broken(`${sas}&sp=racwdl`)).code).toBe("AuthenticationFailed");
    // The signatures themselves hold, of texts that no service would take.
    const signed = (version: string, expiry: string, more: string, name: string) => {
      const texts = ["r", "", expiry, `/blob/${ACCOUNT}/raw/${name}`, "", "", "", version];
      const sig = encodeURIComponent(hmac([...texts, "", "", "", "", ""].join("\n")));
      return `sv=${version}&sp=r&se=${expiry}&sig=${sig}&${more}`;
    };
    const time = "2099-01-01T00:00:00Z";
    const file = "allowed/in.txt";
    expect((await broken(signed("2017-11-09", time, "sr=b", file))).status).toBe(200);
    expect((await broken(signed("2017-11-09", "9999", "sr=b", file))).status).toBe(403);
    expect((await broken(signed("2017-11-10", time, "sr=b", file))).status).toBe(403);
    expect((await broken(signed("2017-11-09", time, "sr=d&sdd=1", "allowed"))).status).toBe(403);
  });

  test("of a container tells nothing of the container itself", async () => {
    const sas = sasOf("rl", FILE_SYSTEM);
    for (const query of [
      "restype=container",
      "restype=container&comp=acl",
      "resource=filesystem",
    ]) {
      const method = query.startsWith("resource") ? "HEAD" : "GET";
      expect((await ask(method, `/raw?${query}&${sas}`)).status).toBe(403);
    }
  });

  test("says nothing over the policy that it names", async () => {
    const policy = await lake.send({
      method: "PUT",
      target: "/raw?restype=container&comp=acl",
      body:
        "<SignedIdentifiers><SignedIdentifier><Id>p</Id><AccessPolicy><Permission>r</Permission>" +
        `<Expiry>${later().toISOString()}</Expiry></AccessPolicy></SignedIdentifier></SignedIdentifiers>`,
    });
    expect(policy.status).toBe(200);
    const sign = (values: Partial<DataLakeSASSignatureValues>) =>
      generateDataLakeSASQueryParameters(
        { fileSystemName: "raw", identifier: "p", ...values } as DataLakeSASSignatureValues,
        key,
      ).toString();
    expect((await ask("GET", `/raw/a.txt?${sign({})}`)).status).toBe(200);
    const more = sign({ permissions: DataLakeSASPermissions.parse("racwd") });
    expect((await ask("GET", `/raw/a.txt?${more}`)).status).toBe(403);
  });

  test("gives the answers the headers that it says", async () => {
    const sas = sasOf("r", DIRECTORY, { rscd: "attachment", rsct: "x/y" });
    const { headers } = await ask("GET", `/raw/allowed/in.txt?${sas}`);
    expect(headers).toMatchObject({ "content-disposition": "attachment", "content-type": "x/y" });
  });
});

test("an account key signs requests of the last quarter of an hour", async () => {
  const send = (time: Date) => {
    const date = time.toUTCString();
    const path = `/${ACCOUNT}/raw/a.txt`;
    const text = `GET${"\n".repeat(12)}x-ms-date:${date}\n/${ACCOUNT}${path}`;
    const headers = { "x-ms-date": date, authorization: `SharedKey ${ACCOUNT}:${hmac(text)}` };
    return ask("GET", "/raw/a.txt", headers);
  };
  expect((await send(new Date())).status).toBe(200);
  expect((await send(new Date(Date.now() - 20 * 60_000))).code).toBe("AuthenticationFailed");
});

test("under the sticky bit nobody moves theirs over another's, nor looks through a closed directory", async () => {
  const set = (path: string, headers: Readonly<Record<string, string>>) =>
    lake.send({ method: "PATCH", target: `/raw/${path}?action=setAccessControl`, headers });
  const asBob = (method: string, target: string, headers = {}) =>
    lake.send({ method, target, headers, as: "bob", ...(method !== "HEAD" && { body: "" }) });
  for (const path of ["sticky/theirs", "sticky/mine"]) await put(path);
  await set("", { "x-ms-permissions": "rwxrwxrwx" });
  await set("sticky", { "x-ms-permissions": "rwxrwxrwt" });
  await set("sticky/mine", { "x-ms-owner": "id-of-bob" });
  const headers = { "x-ms-rename-source": "/raw/sticky/mine" };
  expect((await asBob("PUT", "/raw/sticky/theirs?mode=legacy", headers)).status).toBe(403);
  expect((await asBob("PUT", "/raw/sticky/new?mode=legacy", headers)).status).toBe(201);
  await put("closed/open");
  await set("closed/open", { "x-ms-permissions": "rwxrwxrwx" });
  const check = "/raw/closed/open?action=checkAccess&fsAction=r--";
  await set("closed", { "x-ms-permissions": "rwx------" });
  expect((await asBob("HEAD", check)).status).toBe(403);
  await set("closed", { "x-ms-permissions": "rwx--x--x" });
  expect((await asBob("HEAD", check)).status).toBe(200);
});
