import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { type AskPage, pagesAhead } from "../../src/lake/gen2/pages-ahead.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { makeAuthority, makeServerCertificate } from "../../src/practice/certificates.ts";
import { collect } from "./practice-cloud.ts";

/** A service of three pages whose heads and bodies come when the test says so. */
function threePages() {
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  const bodies: { send(): void; fail(error: Error): void }[] = [];
  const heads: ((continuation: string) => void)[] = [];
  const ask: AskPage = (continuation, onNext, signal) => {
    asked.push(continuation);
    signals.push(signal);
    heads.push(onNext);
    const name = `page ${asked.length}`;
    const lastModified = "Sat, 21 Nov 2026 06:00:00 GMT";
    return new Promise((resolve, reject) => {
      const paths = [{ name, contentLength: "3", lastModified, etag: "0x1" }];
      const reply = {
        request: createPipelineRequest({ url: "https://contosolake.dfs.core.windows.net/raw" }),
        status: 200,
        headers: createHttpHeaders({ "Content-Type": "application/json" }),
        bodyAsText: JSON.stringify({ paths }),
      };
      bodies.push({ send: () => resolve(reply), fail: reject });
    });
  };
  const head = (index: number, continuation: string) => heads[index]?.(continuation);
  return { ask, asked, signals, bodies, head };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the next page is asked for once the head of this one is there, and no page behind it", async () => {
  const { ask, asked, bodies, head } = threePages();
  const pages = pagesAhead(ask, "", undefined);
  const first = pages.next();
  await settled();
  expect(asked).toEqual([""]);
  head(0, "b");
  await settled();
  expect(asked).toEqual(["", "b"]); // the first body is not there yet
  head(1, "c");
  bodies[1]?.send();
  bodies[0]?.send();
  expect((await first).value?.entries[0]).toMatchObject({ path: "page 1", size: 3, etag: '"0x1"' });
  await settled();
  expect(asked).toEqual(["", "b"]); // the reader has not taken the second page
  expect((await pages.next()).value?.entries[0]?.path).toBe("page 2");
  expect(asked).toEqual(["", "b", "c"]);
  head(2, "");
  bodies[2]?.send();
  expect((await pages.next()).value?.entries[0]?.path).toBe("page 3");
  expect(await pages.next()).toEqual({ done: true, value: undefined });
  expect(asked).toEqual(["", "b", "c"]);
});

test("the failure of a page comes where the page would have come", async () => {
  const { ask, bodies, head } = threePages();
  const pages = pagesAhead(ask, "", undefined);
  const first = pages.next();
  head(0, "b");
  await settled();
  bodies[1]?.fail(new Error("the second broke"));
  await settled();
  bodies[0]?.send();
  expect((await first).value?.entries[0]?.path).toBe("page 1");
  await expect(pages.next()).rejects.toThrow("the second broke");
});

test("who leaves, and who gives up, ends the page that is on its way", async () => {
  const { ask, signals, bodies, head } = threePages();
  const outer = new AbortController();
  const pages = pagesAhead(ask, "", outer.signal);
  const first = pages.next();
  head(0, "b");
  bodies[0]?.send();
  await first;
  expect(signals[1]?.aborted).toBe(false);
  await pages.return(undefined);
  expect(signals[1]?.aborted).toBe(true);

  const other = threePages();
  void pagesAhead(other.ask, "", outer.signal).next();
  outer.abort();
  expect(other.signals[0]?.aborted).toBe(true);
});

describe("over the network", () => {
  const pages = [0, 1, 2].map((page) =>
    Array.from({ length: 1000 }, (_, n) => ({
      name: `many/${page}-${String(n).padStart(4, "0")}`,
      contentLength: "3",
      lastModified: "Sat, 21 Nov 2026 06:00:00 GMT",
      etag: "0x1",
    })),
  );
  const names = pages.flat().map(({ name }) => name);
  let server: Server;
  let lake: Lake;
  /** What becomes of the second page when it is asked for; gives back whether that is all. */
  let trouble: (response: ServerResponse, half: string) => boolean;

  beforeAll(async () => {
    const authority = await makeAuthority();
    const { certificate, key } = await makeServerCertificate(authority);
    server = createServer({ cert: certificate, key }, (request, response) => {
      const page = Number(/continuation=(\d)/.exec(request.url ?? "")?.[1] ?? 0);
      const body = JSON.stringify({ paths: pages[page] });
      response.setHeader("x-ms-request-id", "1");
      response.setHeader("content-type", "application/json");
      if (page < 2) response.setHeader("x-ms-continuation", String(page + 1));
      if (page === 1 && trouble(response, body.slice(0, body.length / 2))) return;
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const loopback = { port, ca: authority.certificate, metadata: "http://127.0.0.1:1" };
    const cloud: Cloud = { ...CLOUD_ENDPOINTS.public, kind: "practice", loopback };
    lake = openLakeIn(cloud, "abfss://raw@contosolake.dfs.core.windows.net/", {
      credential: { sas: "sig=x" },
      retryPolicy: { tries: 3, firstWait: 5, idle: 300 },
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const list = async (signal?: AbortSignal) =>
    (await collect(lake.list("many/*", signal ? { signal } : {}))).map(({ path }) => path);
  const breaks: Record<string, (response: ServerResponse, half: string) => void> = {
    "breaks off": (response, half) => response.write(half, () => response.destroy()),
    stalls: (response, half) => response.write(half),
    "is refused": (response) => response.writeHead(503).end(),
  };
  for (const [what, wreck] of Object.entries(breaks)) {
    test(`a page that ${what} is asked for again; all come, in path order`, async () => {
      let times = 2;
      trouble = (response, half) => {
        if (times-- <= 0) return false;
        wreck(response, half);
        return true;
      };
      expect(await list()).toEqual(names);
      expect(times).toBe(-1);
    });
  }

  test("a page that never comes through ends the listing behind the page before it", async () => {
    trouble = (response, half) => {
      response.write(half, () => response.destroy());
      return true;
    };
    const seen: string[] = [];
    const read = async () => {
      for await (const { path } of lake.list("many/*")) seen.push(path);
    };
    await expect(read()).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(seen).toEqual(names.slice(0, 1000));
  });

  test("a listing that is given up ends with the caller's reason", async () => {
    const stop = new AbortController();
    trouble = (response, half) => {
      response.write(half);
      setTimeout(() => stop.abort(new Error("enough")), 20);
      return true;
    };
    await expect(list(stop.signal)).rejects.toThrow("enough");
  });
});
