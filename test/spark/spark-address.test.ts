import { expect, test } from "vitest";
import { parseAddress } from "../../src/spark/spark-address.ts";

test("a bare address is plain HTTP/2 on Spark's port", () => {
  expect(parseAddress("sc://spark.contoso.com")).toMatchObject({
    origin: "http://spark.contoso.com:15002",
    isSecure: false,
    isLoopback: false,
  });
  expect(parseAddress("sc://127.0.0.1:50051")).toMatchObject({
    origin: "http://127.0.0.1:50051",
    isLoopback: true,
  });
});

test("a cluster of Databricks is reached over TLS, by its header", () => {
  const address = parseAddress(
    "sc://adb-12.3.azuredatabricks.net:443/;token=dapi%3D1;x-databricks-cluster-id=0123-456789-abc;user_id=ann",
  );
  expect(address).toEqual({
    origin: "https://adb-12.3.azuredatabricks.net:443",
    isSecure: true,
    isLoopback: false,
    isAzureDatabricks: true,
    token: "dapi=1",
    userId: "ann",
    headers: { "x-databricks-cluster-id": "0123-456789-abc" },
  });
});

test("a token asks for TLS, except on this machine and where the URL says no", () => {
  expect(parseAddress("sc://spark.contoso.com/;token=abc").isSecure).toBe(true);
  expect(parseAddress("sc://localhost/;token=abc").isSecure).toBe(false);
  expect(parseAddress("sc://[::1]:7/;token=abc")).toMatchObject({
    isSecure: false,
    isLoopback: true,
  });
  expect(parseAddress("sc://spark.contoso.com/;token=abc;use_ssl=false").isSecure).toBe(false);
  expect(parseAddress("sc://localhost/;use_ssl=true").origin).toBe("https://localhost:15002");
});

test.each([
  ["https://adb-12.3.azuredatabricks.net", "it does not read sc://host:port"],
  ["sc://user@host", "it does not read sc://host:port"],
  ["sc://host:0", "there is no port 0"],
  ["sc://host:70000", "there is no port 70000"],
  ["sc://host/path", "settings begin with /;"],
  ["sc://host/;secret-in-here", "a setting does not read name=value"],
  ["sc://host/;use_ssl=maybe", "use_ssl is neither true nor false"],
  ["sc://host/;token=%zz", "the value of token is not percent-encoded as it should be"],
])("%s is refused", (url, reason) => {
  expect(() => parseAddress(url)).toThrow(
    expect.objectContaining({ code: "BAD_URL", message: expect.stringContaining(reason) }),
  );
});

test("an error about a URL does not repeat what may be a secret", () => {
  expect(() => parseAddress("sc://host/;secret-in-here")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("secret-in-here") }),
  );
});
