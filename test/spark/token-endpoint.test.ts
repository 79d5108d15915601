import { afterEach, expect, test } from "vitest";
import { startTokenEndpoint, type TokenEndpoint } from "../../src/spark/token-endpoint.ts";

let endpoint: TokenEndpoint;
afterEach(() => endpoint.close());

const ask = (header?: string) =>
  fetch(`${endpoint.url}?resource=https://storage.azure.com`, {
    headers: header === undefined ? {} : { "x-identity-header": header },
  });

test("a token is for whoever sends the header, each time a fresh one", async () => {
  let times = 0;
  endpoint = await startTokenEndpoint(async () => {
    times++;
    return { token: `token ${times}`, expiresOnTimestamp: 1_900_000_000_999 };
  });
  expect(new URL(endpoint.url).hostname).toBe("127.0.0.1");
  for (const wrong of [undefined, "", "x", endpoint.header.slice(1), "0".repeat(64)]) {
    expect((await ask(wrong)).status).toBe(401);
  }
  expect(times).toBe(0);
  expect(await (await ask(endpoint.header)).json()).toMatchObject({
    access_token: "token 1",
    expires_on: "1900000000",
  });
  expect(await (await ask(endpoint.header)).json()).toMatchObject({ access_token: "token 2" });
});

test("why there is none is said", async () => {
  endpoint = await startTokenEndpoint(() => Promise.reject(new Error("the session is over")));
  const reply = await ask(endpoint.header);
  expect(reply.status).toBe(400);
  expect(await reply.json()).toMatchObject({ error_description: "the session is over" });
});
