// Polars writes no Azure client of its own in JavaScript: listing, heads and ranged reads come from
// Rust's object_store, by a bearer token, straight to the practice lake.
import { readFileSync } from "node:fs";
import { request } from "node:https";
import pl from "nodejs-polars";

const cloud = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ca = readFileSync(process.env.SSL_CERT_FILE);

function send(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const all = body === undefined ? headers : { ...headers, "content-length": body.length };
    const sent = request(url, { method, headers: all, ca }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode < 300) resolve(text);
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function holds(what, condition) {
  if (!condition) throw new Error(`does not hold: ${what}`);
  console.log(`holds: ${what}`);
}

const form = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: cloud.service.clientId,
  client_secret: cloud.service.clientSecret,
  scope: "https://storage.azure.com/.default",
}).toString();
const { access_token: token } = JSON.parse(
  await send(`${cloud.origin}/${cloud.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form,
  }),
);

const lake = `${cloud.origin}/${cloud.account}`;
const authorization = `Bearer ${token}`;
await send(`${lake}/polars?restype=container`, { method: "PUT", headers: { authorization } });
const rows = 100_000;
for (const part of [0, 1, 2]) {
  const frame = pl.DataFrame({
    id: Array.from({ length: rows }, (_, row) => part * rows + row),
    value: Array.from({ length: rows }, (_, row) => row * 0.5),
    name: Array.from({ length: rows }, (_, row) => `name ${row % 100}`),
  });
  const headers = { authorization, "x-ms-blob-type": "BlockBlob" };
  const body = frame.writeParquet();
  await send(`${lake}/polars/data/part-${part}.parquet`, { method: "PUT", headers, body });
}

const cloudOptions = {
  azure_storage_account_name: cloud.account,
  azure_storage_endpoint: lake,
  azure_endpoint: lake,
  azure_storage_token: token,
};
for (const scheme of ["az", "abfs", "abfss"]) {
  const one = pl.scanParquet(`${scheme}://polars/data/part-1.parquet`, { cloudOptions });
  const summed = await one.select(pl.col("id").sum()).collect();
  const expected = (rows * (3 * rows - 1)) / 2;
  holds(`${scheme}:// reads one column of one file`, Number(summed.toRecords()[0].id) === expected);
}
const all = pl.scanParquet("az://polars/data/*.parquet", { cloudOptions });
const filtered = await all.filter(pl.col("name").eq(pl.lit("name 7"))).collect();
holds("a pattern over three files, filtered", filtered.height === (3 * rows) / 100);
const sum = await all.select(pl.col("value").sum()).collect();
holds(
  "an aggregate over three files",
  sum.toRecords()[0].value === (3 * 0.5 * rows * (rows - 1)) / 2,
);
await send(`${lake}/polars?restype=container`, { method: "DELETE", headers: { authorization } });
