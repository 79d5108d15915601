import { ACTIONS, WIDE_ACTIONS } from "./actions.ts";
import type { Call } from "./call.ts";
import { type Caller, KEY_HOLDER } from "./caller.ts";
import { delegationKey } from "./delegation.ts";
import type { Keys } from "./keys.ts";
import { refuse, refuseSignature } from "./refusals.ts";
import { isSigned } from "./signatures.ts";

/** Whether a request carries a shared access signature. */
export function hasSas({ query }: Call): boolean {
  return query.has("sig") && query.has("sv");
}

/**
 * The caller that a shared access signature stands for: account, service or user delegation.
 *
 * @param callerFor who the signer of a user delegation SAS is, for what they themselves may do
 * @throws Refusal when the signature or one of its limits does not hold
 */
export function callerBySas(
  call: Call,
  keys: Keys,
  callerFor: (id: string, tenantId: string) => Caller,
): Caller {
  const { query } = call;
  checkLimits(call);
  if (query.has("ss")) return byAccountSas(call, keys);
  const resource = query.get("sr") ?? "";
  if (!["b", "c", "d", "bs"].includes(resource)) throw refuseSignature("sr is not valid");
  const signer = query.has("skoid")
    ? byDelegation(call, keys, callerFor)
    : byAccountKey(call, keys);
  return limitTo(call, resource, signer);
}

const one = ({ query }: Call, name: string) => query.get(name) ?? "";

/** Time, protocol and address range; see "Create a service SAS". */
function checkLimits(call: Call): void {
  const now = Date.now();
  const start = one(call, "st");
  const expiry = one(call, "se");
  if (expiry === "" && one(call, "si") === "") throw refuseSignature("se is mandatory");
  if (start !== "" && !(Date.parse(start) <= now)) throw refuseSignature("not valid yet");
  if (expiry !== "" && !(Date.parse(expiry) > now)) throw refuseSignature("expired");
  const isTls = "encrypted" in call.request.socket;
  if (one(call, "spr") === "https" && !isTls) throw refuse("AuthorizationProtocolMismatch");
  const range = one(call, "sip");
  if (range !== "" && !isInRange(call.request.socket.remoteAddress ?? "", range)) {
    throw refuse("AuthorizationSourceIPMismatch");
  }
}

function isInRange(address: string, range: string): boolean {
  const asNumber = (text: string) =>
    text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const [first = "", last = first] = range.split("-");
  const value = asNumber(address.replace(/^::ffff:/, ""));
  return value >= asNumber(first) && value <= asNumber(last);
}

function byAccountSas(call: Call, keys: Keys): Caller {
  const version = one(call, "sv");
  const fields = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"];
  const values = [call.account, ...fields.map((name) => one(call, name))];
  if (version >= "2020-12-06") values.push(one(call, "ses"));
  if (!isSigned(one(call, "sig"), keys.account(), [`${values.join("\n")}\n`])) {
    throw refuseSignature("the signature does not match");
  }
  if (!one(call, "ss").includes("b")) throw refuse("AuthorizationServiceMismatch");
  const types = one(call, "srt");
  const letters = one(call, "sp");
  const needType = (type: string) => {
    if (!types.includes(type)) throw refuse("AuthorizationResourceTypeMismatch");
  };
  return {
    ...KEY_HOLDER,
    may: (action) => {
      // Listing is asked of the container, everything else of what lies in it.
      needType(action === "list" ? "c" : "o");
      return any(ACTIONS[action].sas, letters);
    },
    mayWide: (action) => {
      needType(WIDE_ACTIONS[action].type);
      return any(WIDE_ACTIONS[action].sas, letters);
    },
  };
}

const any = (wanted: string, letters: string) => [...wanted].some((one) => letters.includes(one));

/** The name that a service SAS signs, decoded. */
function canonicalName(call: Call, resource: string): string[] {
  const base = `/blob/${call.account}/${call.fileSystem}`;
  if (resource === "c") return [base];
  if (resource !== "d") return [`${base}/${call.names.join("/")}`];
  const depth = Number(one(call, "sdd"));
  const names = targetNames(call);
  if (!/^\d+$/.test(one(call, "sdd")) || depth > names.length) {
    throw refuseSignature("sdd is not the depth of a directory above the path");
  }
  const directory = `${base}/${names.slice(0, depth).join("/")}`;
  // Clients differ in whether they end the name of the root directory with a slash.
  return depth === 0 ? [base, `${base}/`] : [directory];
}

/** What a call works on: a listing works on the directory it lists. */
function targetNames(call: Call): readonly string[] {
  const listed =
    call.names.length === 0 ? (call.query.get("directory") ?? call.query.get("prefix")) : null;
  return listed ? listed.split("/").filter((name) => name !== "") : call.names;
}

const HEADER_OVERRIDES = ["rscc", "rscd", "rsce", "rscl", "rsct"];

/** "Version 2020-12-06 and later" and its predecessors, of "Construct the string to sign". */
function serviceText(call: Call, resource: string, name: string): string {
  const version = one(call, "sv");
  const fields = [one(call, "sp"), one(call, "st"), one(call, "se"), name];
  fields.push(...["si", "sip", "spr", "sv"].map((field) => one(call, field)));
  if (version >= "2018-11-09") fields.push(resource, one(call, "snapshot"));
  if (version >= "2020-12-06") fields.push(one(call, "ses"));
  return [...fields, ...HEADER_OVERRIDES.map((field) => one(call, field))].join("\n");
}

function byAccountKey(call: Call, keys: Keys): Caller {
  const resource = one(call, "sr");
  const texts = canonicalName(call, resource).map((name) => serviceText(call, resource, name));
  if (!isSigned(one(call, "sig"), keys.account(), texts)) {
    throw refuseSignature("the signature does not match");
  }
  return KEY_HOLDER;
}

function delegationText(call: Call, resource: string, name: string): string {
  const version = one(call, "sv");
  const fields = [one(call, "sp"), one(call, "st"), one(call, "se"), name];
  fields.push(...["skoid", "sktid", "skt", "ske", "sks", "skv"].map((field) => one(call, field)));
  if (version >= "2020-02-10")
    fields.push(...["saoid", "suoid", "scid"].map((field) => one(call, field)));
  if (version >= "2025-07-05")
    fields.push(...["skdutid", "sduoid"].map((field) => one(call, field)));
  fields.push(one(call, "sip"), one(call, "spr"), version, resource, one(call, "snapshot"));
  if (version >= "2020-12-06") fields.push(one(call, "ses"));
  if (version >= "2026-04-06") fields.push(...signedParts(call));
  return [...fields, ...HEADER_OVERRIDES.map((field) => one(call, field))].join("\n");
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
  const queries = list("srq").map((name) => `\n${name}:${call.query.get(name) ?? ""}`);
  return [headers.join(""), queries.join("")];
}

function byDelegation(
  call: Call,
  keys: Keys,
  callerFor: (id: string, tenantId: string) => Caller,
): Caller {
  const resource = one(call, "sr");
  const key = delegationKey(keys, {
    id: one(call, "skoid"),
    tenantId: one(call, "sktid"),
    start: one(call, "skt"),
    expiry: one(call, "ske"),
    service: one(call, "sks"),
    version: one(call, "skv"),
  });
  const texts = canonicalName(call, resource).map((name) => delegationText(call, resource, name));
  if (!isSigned(one(call, "sig"), [key], texts))
    throw refuseSignature("the signature does not match");
  const now = Date.now();
  if (!(Date.parse(one(call, "skt")) <= now && Date.parse(one(call, "ske")) > now)) {
    throw refuseSignature("the user delegation key is not valid now");
  }
  const agent = one(call, "suoid");
  const signer = callerFor(one(call, "skoid"), one(call, "sktid"));
  // An agent that the signer did not vouch for is held to the access lists by its own name.
  return agent === ""
    ? { ...signer, id: one(call, "saoid") || signer.id }
    : { ...signer, id: agent };
}

/** What a signer may do, cut down to the signature's letters and to what it names. */
function limitTo(call: Call, resource: string, signer: Caller): Caller {
  const letters = one(call, "sp");
  const depth = Number(one(call, "sdd"));
  const isInside = (fileSystem: string, names: readonly string[]) => {
    if (fileSystem !== call.fileSystem) return false;
    const own = resource === "d" ? targetNames(call).slice(0, depth) : call.names;
    return resource === "c" || own.every((name, index) => names[index] === name);
  };
  const isAgent = one(call, "suoid") !== "";
  return {
    ...signer,
    isHeldToAcl: isAgent,
    may: (action, fileSystem, names) =>
      !isAgent &&
      any(ACTIONS[action].sas, letters) &&
      (action === "list" || isInside(fileSystem, names)) &&
      signer.may(action, fileSystem, names),
    mayWide: (action, fileSystem) =>
      resource === "c" &&
      action === "readFileSystem" &&
      letters.includes("r") &&
      signer.mayWide(action, fileSystem),
  };
}
