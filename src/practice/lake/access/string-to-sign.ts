import { type Call, targetNames } from "../wire/lake-call.ts";
import { refuseSignature } from "../wire/refusals.ts";

/** A parameter of a signature; empty when absent. */
export const one = ({ query }: Call, name: string): string => query.get(name) ?? "";

/** What an account SAS signs; see "Create an account SAS". */
export function accountText(call: Call): string {
  const fields = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"];
  const values = [call.account, ...fields.map((name) => one(call, name))];
  if (one(call, "sv") >= "2020-12-06") values.push(one(call, "ses"));
  return `${values.join("\n")}\n`;
}

/** The name that a service SAS signs, decoded. */
export function canonicalName(call: Call, resource: string): string[] {
  const { oneLake } = call;
  const base = `/blob/${call.account}/${oneLake?.workspace ?? call.fileSystem}`;
  const pathOf = (names: readonly string[]) => oneLake?.shown(names.join("/")) ?? names.join("/");
  if (resource === "c") return [base];
  if (resource !== "d") return [`${base}/${pathOf(call.names)}`];
  const depth = Number(one(call, "sdd"));
  const names = targetNames(call);
  if (!/^\d+$/.test(one(call, "sdd")) || depth > names.length) {
    throw refuseSignature("sdd is not the depth of a directory above the path");
  }
  const directory = `${base}/${pathOf(names.slice(0, depth))}`;
  // Clients differ in whether they end the name of the root directory with a slash.
  return depth === 0 ? [base, `${base}/`] : [directory];
}

const HEADER_OVERRIDES = ["rscc", "rscd", "rsce", "rscl", "rsct"];

/** "Version 2020-12-06 and later" and its predecessors, of "Construct the string to sign". */
export function serviceText(call: Call, resource: string, name: string): string {
  const version = one(call, "sv");
  const fields = [one(call, "sp"), one(call, "st"), one(call, "se"), name];
  fields.push(...["si", "sip", "spr", "sv"].map((field) => one(call, field)));
  if (version >= "2018-11-09") fields.push(resource, signedSnapshot(call, resource));
  if (version >= "2020-12-06") fields.push(one(call, "ses"));
  return [...fields, ...HEADER_OVERRIDES.map((field) => one(call, field))].join("\n");
}

/** What a user delegation SAS signs, by version; see "Create a user delegation SAS". */
export function delegationText(call: Call, resource: string, name: string): string {
  const version = one(call, "sv");
  const fields = [one(call, "sp"), one(call, "st"), one(call, "se"), name];
  fields.push(...["skoid", "sktid", "skt", "ske", "sks", "skv"].map((field) => one(call, field)));
  if (version >= "2020-02-10")
    fields.push(...["saoid", "suoid", "scid"].map((field) => one(call, field)));
  if (version >= "2025-07-05")
    fields.push(...["skdutid", "sduoid"].map((field) => one(call, field)));
  fields.push(
    one(call, "sip"),
    one(call, "spr"),
    version,
    resource,
    signedSnapshot(call, resource),
  );
  if (version >= "2020-12-06") fields.push(one(call, "ses"));
  if (version >= "2026-04-06") fields.push(...signedParts(call));
  return [...fields, ...HEADER_OVERRIDES.map((field) => one(call, field))].join("\n");
}

/** The snapshot that a signature is for, if it is for one. */
function signedSnapshot(call: Call, resource: string): string {
  return resource === "bs" ? one(call, "snapshot") : "";
}

/** Request headers and query parameters that the signature binds. */
function signedParts(call: Call): string[] {
  const list = (name: string) =>
    one(call, name)
      .split(",")
      .filter((part) => part !== "");
  const headers = list("srh").map((name) => {
    const text = call.request.headers[name.toLowerCase()];
    return `${name}:${typeof text === "string" ? text : ""}\n`;
  });
  const queries = list("srq").map(
    (name) => `\n${name}:${call.query.get(name.toLowerCase()) ?? ""}`,
  );
  return [headers.join(""), queries.join("")];
}
