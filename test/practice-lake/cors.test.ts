import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobClient, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "a" });
  await blobClient(lake).setProperties({
    cors: [
      {
        allowedOrigins: "https://app.contoso.com,https://*.fabrikam.com",
        allowedMethods: "GET,PUT",
        allowedHeaders: "x-ms-meta-*,authorization,x-ms-version",
        exposedHeaders: "x-ms-meta-*,ETag",
        maxAgeInSeconds: 200,
      },
      {
        allowedOrigins: "https://read.contoso.com",
        allowedMethods: "GET",
        allowedHeaders: "*",
        exposedHeaders: "",
        maxAgeInSeconds: 0,
      },
    ],
  });
});
afterAll(() => lake.close());

const APP = "https://app.contoso.com";
const preflight = async (origin: string, method: string, headers?: string) => {
  const answer = await lake.send({
    method: "OPTIONS",
    target: "/none/at-all.txt",
    as: "nobody",
    headers: {
      origin,
      "access-control-request-method": method,
      ...(headers && { "access-control-request-headers": headers }),
    },
  });
  return {
    status: answer.status,
    code: answer.headers["x-ms-error-code"],
    origin: answer.headers["access-control-allow-origin"],
    methods: answer.headers["access-control-allow-methods"],
    headers: answer.headers["access-control-allow-headers"],
    age: answer.headers["access-control-max-age"],
    credentials: answer.headers["access-control-allow-credentials"],
  };
};
const refused = { status: 403, code: "CorsPreflightFailure" };

describe("what a browser asks beforehand", () => {
  test("is allowed by the first rule that covers all of it, for nobody in particular", async () => {
    expect(await preflight(APP, "PUT", "x-ms-meta-a, Authorization")).toEqual({
      status: 200,
      code: undefined,
      origin: APP,
      methods: "PUT",
      headers: "x-ms-meta-a, Authorization",
      age: "200",
      credentials: "true",
    });
    expect(await preflight("https://a.fabrikam.com", "GET")).toMatchObject({ status: 200 });
    expect(await preflight("https://read.contoso.com", "GET", "any")).toMatchObject({ age: "0" });
  });

  test("is refused for other origins, methods and headers", async () => {
    expect(await preflight("https://other.contoso.com", "GET")).toMatchObject(refused);
    expect(await preflight("http://app.contoso.com", "GET")).toMatchObject(refused);
    expect(await preflight(APP, "DELETE")).toMatchObject(refused);
    expect(await preflight(APP, "GET", "x-ms-range")).toMatchObject(refused);
    expect(await preflight("https://read.contoso.com", "PUT")).toMatchObject(refused);
    const bare = await lake.send({ method: "OPTIONS", target: "/raw", headers: { origin: APP } });
    expect([bare.status, bare.headers["x-ms-error-code"]]).toEqual([400, "MissingRequiredHeader"]);
  });
});

describe("an answer to a page of another origin", () => {
  const get = async (origin?: string, as?: "nobody") =>
    (
      await lake.send({
        target: "/raw/a.txt",
        headers: origin ? { origin } : {},
        ...(as && { as }),
      })
    ).headers;

  test("names it where a rule has it, with what it may see", async () => {
    expect(await get(APP)).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "ETag",
      vary: "Origin",
    });
    expect(await get(APP, "nobody")).toMatchObject({ "access-control-allow-origin": APP });
  });

  test("says nothing to others, and no cache takes the one for the other", async () => {
    for (const headers of [await get(), await get("https://other.contoso.com")]) {
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(headers.vary).toBe("Origin");
    }
  });

  test("is for all where a rule says so", async () => {
    const rule = { allowedOrigins: "*", allowedMethods: "GET", maxAgeInSeconds: 1 };
    const other = await serveLake({ "raw/a.txt": "a" });
    const cors = [{ ...rule, allowedHeaders: "", exposedHeaders: "" }];
    await blobClient(other).setProperties({ cors });
    const { headers } = await other.send({ target: "/raw/a.txt", headers: { origin: APP } });
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-credentials"] ?? headers.vary).toBeUndefined();
    await other.close();
  });
});

describe("rules that the service would not take are refused", () => {
  const rule = (text: string) => `<CorsRule>${text}</CorsRule>`;
  const whole = rule(
    "<AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><MaxAgeInSeconds>1</MaxAgeInSeconds>",
  );
  test.each([
    ["more than five", whole.repeat(6)],
    ["without origins", rule("<AllowedMethods>GET</AllowedMethods>")],
    ["with a method of its own", whole.replace("GET", "FETCH")],
    ["with no age", whole.replace(/<MaxAge.*Seconds>/, "")],
  ])("%s", async (_name, rules) => {
    const body = `<StorageServiceProperties>\n  <Cors>${rules}</Cors></StorageServiceProperties>`;
    const target = "/?restype=service&comp=properties";
    const answer = await lake.send({ method: "PUT", target, body });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, "InvalidXmlDocument"]);
    expect(answer.body.toString()).toContain(
      "<LineNumber>2</LineNumber><LinePosition>3</LinePosition><Reason>",
    );
    expect(await preflight(APP, "GET")).toMatchObject({ status: 200 });
  });
});
