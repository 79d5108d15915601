import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LakeAccounts } from "../../src/account/lake-accounts.ts";
import { openAccountsIn } from "../../src/account/open-accounts.ts";
import { openSubscriptionIn, type Subscription } from "../../src/account/subscription.ts";
import { AccountError } from "../../src/core/errors.ts";
import {
  type AlteringProxy,
  ANSWERS,
  type Meddling,
  startAlteringProxy,
} from "../lake/altering-proxy.ts";
import { cloudOf } from "../lake/practice-client.ts";
import { collect, startTestCloud, type TestCloud } from "../lake/practice-cloud.ts";

// A man in the middle of what is said with Resource Manager: no call takes his word for its.

const MARY = "3a2f0000-5d3a-4f0e-8a51-0d9a1b2c3d04";
/** Where what comes is cut, what it looks like is not always known. */
const CUT = ["no answer", "another protocol", "200 and half a page"];
// Its body is read to the end: the stock clients have no limit.
const { "an endless page": _, ...answers } = ANSWERS;

interface Managed {
  readonly subscription: Subscription;
  readonly gen1: LakeAccounts;
  readonly gen2: LakeAccounts;
}

let direct: TestCloud;
let between: AlteringProxy;
let own: Managed;
let managed: Managed;

beforeAll(async () => {
  direct = await startTestCloud("ada@contoso.com", { "raw/": "" });
  between = await startAlteringProxy(direct.practice.description);
  const { port, ca } = between;
  const origin = `https://127.0.0.1:${port}`;
  const meddled = cloudOf({ ...direct.practice.description, origin, port, ca });
  const open = (cloud: TestCloud["cloud"]): Managed => {
    const options = { credential: direct.user, resourceGroup: "lakes" };
    return {
      subscription: openSubscriptionIn(cloud, { credential: direct.user }),
      gen1: openAccountsIn(cloud, { ...options, generation: 1 }),
      gen2: openAccountsIn(cloud, { ...options, generation: 2 }),
    };
  };
  own = open(direct.cloud);
  managed = open(meddled);
  await own.subscription.createResourceGroup("lakes", { location: "westeurope" });
  await own.gen1.create("keptlake1", { location: "westeurope" });
  await own.gen2.create("keptlake2", { location: "westeurope" });
  await own.subscription.grantRole({ role: "Reader", principalId: MARY });
});
afterEach(() => {
  between.meddling = undefined;
  between.struck.length = 0;
});
afterAll(async () => {
  await between.close();
  await direct.close();
});

const NEW = { location: "westeurope" };
const accountCalls = (of: (all: Managed) => LakeAccounts, name: string) => ({
  checkName: (all: Managed) => of(all).checkName("newlake"),
  create: (all: Managed) => of(all).create("newlake", NEW),
  get: (all: Managed) => of(all).get(name),
  list: (all: Managed) => collect(of(all).list()),
  update: (all: Managed) => of(all).update(name, { tags: { by: "nobody" } }),
  firewall: (all: Managed) => of(all).update(name, { firewall: ["20.0.0.1"] }),
  delete: (all: Managed) => of(all).delete(name),
});
const prefixed = (prefix: string, calls: ReturnType<typeof accountCalls>) =>
  Object.fromEntries(Object.entries(calls).map(([name, call]) => [`${prefix} ${name}`, call]));
const CALLS: Readonly<Record<string, (all: Managed) => Promise<unknown>>> = {
  ...prefixed(
    "Gen1",
    accountCalls(({ gen1 }) => gen1, "keptlake1"),
  ),
  ...prefixed(
    "Gen2",
    accountCalls(({ gen2 }) => gen2, "keptlake2"),
  ),
  resourceGroups: ({ subscription }) => subscription.resourceGroups(),
  createResourceGroup: ({ subscription }) => subscription.createResourceGroup("new", NEW),
  deleteResourceGroup: ({ subscription }) => subscription.deleteResourceGroup("lakes"),
  grantRole: ({ subscription }) =>
    subscription.grantRole({ role: "Contributor", principalId: MARY }),
  revokeRole: ({ subscription }) => subscription.revokeRole({ role: "Reader", principalId: MARY }),
};

async function everything() {
  const { subscription, gen1, gen2 } = own;
  const accounts = [...(await collect(gen1.list())), ...(await collect(gen2.list()))];
  return { groups: await subscription.resourceGroups(), accounts };
}

function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ value }),
    (error) => (error instanceof AccountError ? error.code : error),
  );
}

describe("Resource Manager", () => {
  // The stock clients wait before they ask again, so the answers they do that for come together.
  test.each(Object.entries(answers).filter(([name]) => !/^(429|5\d\d|no answer)/.test(name)))(
    "%s is nobody's answer",
    async (name, answer) => {
      const before = await everything();
      between.meddling = { answer };
      const results = await Promise.all(
        Object.entries(CALLS).map(async ([call, run]) => [call, await outcome(run(managed))]),
      );
      between.meddling = undefined;
      const codes = CUT.includes(name) ? ["UNREACHABLE", "NOT_AZURE"] : ["NOT_AZURE"];
      expect(results.filter(([, code]) => !codes.includes(String(code)))).toEqual([]);
      expect(await everything()).toEqual(before);
    },
  );

  test("a gateway that fails is asked again, and is nobody's answer in the end", async () => {
    between.meddling = { answer: answers["502 and a page"] as NonNullable<Meddling["answer"]> };
    const groups = managed.subscription.resourceGroups();
    await expect(groups).rejects.toMatchObject({ code: "NOT_AZURE", status: 502 });
    expect(between.struck.length).toBeGreaterThan(1);
  });

  const json = (value: unknown) => (told: { body: Buffer; headers: Record<string, unknown> }) => {
    told.body = Buffer.from(JSON.stringify(value));
    told.headers["content-length"] = told.body.length;
  };
  const isGet = ({ method }: { method: string }) => method === "GET";
  const ALTERED: Readonly<Record<string, Meddling & { call: (all: Managed) => Promise<unknown> }>> =
    {
      "groups that are none": {
        change: json({}),
        call: ({ subscription }) => subscription.resourceGroups(),
      },
      "groups of null": {
        change: json({ value: null }),
        call: ({ subscription }) => subscription.resourceGroups(),
      },
      "an account without an id": {
        change: json({ name: "x" }),
        call: ({ gen2 }) => gen2.get("keptlake2"),
      },
      "a Gen1 account without an id": {
        change: json({ name: "x" }),
        call: ({ gen1 }) => gen1.get("keptlake1"),
      },
      "accounts that are none": {
        change: json({ value: "x" }),
        call: ({ gen2 }) => collect(gen2.list()),
      },
      "a next page elsewhere": {
        of: isGet,
        change: json({ value: [], nextLink: "https://portal.example.com/next" }),
        call: ({ gen2 }) => collect(gen2.list()),
      },
      "a next page of Gen1 elsewhere": {
        of: isGet,
        change: json({ value: [], nextLink: "https://portal.example.com/next" }),
        call: ({ gen1 }) => collect(gen1.list()),
      },
      "an operation followed elsewhere": {
        of: ({ method }) => method === "DELETE",
        ask: () => ({ method: "GET" }),
        change: (told) => {
          told.status = 202;
          told.headers.location = "https://portal.example.com/operationresults/1";
        },
        call: ({ subscription }) => subscription.deleteResourceGroup("lakes"),
      },
    };
  test.each(Object.entries(ALTERED))("%s: refused", async (_name, { call, ...meddling }) => {
    between.meddling = meddling;
    const code = await outcome(call(managed));
    expect(["NOT_AZURE", "UNREACHABLE"]).toContain(code);
  });

  test("a deletion that is only said to be done is not reported done", async () => {
    // The deletion gets no further than the one in between, who says what Azure would say.
    between.meddling = {
      of: ({ method, target }) => method === "DELETE" && /storageAccounts/.test(target),
      ask: () => ({ method: "GET" }),
    };
    const stop = AbortSignal.timeout(1500);
    const work = managed.gen2.delete("keptlake2", { signal: stop });
    await expect(work).rejects.toBeDefined();
    between.meddling = undefined;
    expect((await own.gen2.get("keptlake2")).state).toBe("Succeeded");
  });
});
