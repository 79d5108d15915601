import type { RefusalReason } from "../../service-refusal.ts";
import type { Keys } from "../storage/account-keys.ts";
import type { Store } from "../storage/lake-store.ts";
import { type Call, targetNames } from "../wire/lake-call.ts";
import { refuse, refuseSignature } from "../wire/refusals.ts";
import { isVersion } from "../wire/service-versions.ts";
import { childOf, readXml } from "../xml/read-xml.ts";
import { ACTIONS, WIDE_ACTIONS } from "./data-actions.ts";
import { type Caller, KEY_HOLDER } from "./request-caller.ts";
import { delegationKey, isSigned } from "./shared-key.ts";
import { accountText, canonicalName, delegationText, one, serviceText } from "./string-to-sign.ts";

/** The caller of an object id: the signer of a user delegation SAS, or whom it is for. */
type CallerFor = (id: string, tenantId: string) => Caller;

/** Every parameter of every kind of signature. */
const SAS_PARAMETERS = new Set(
  `sv ss srt sr sp st se sip spr sig si ses sdd skoid sktid skt ske sks skv saoid suoid scid
  skdutid sduoid srh srq rscc rscd rsce rscl rsct`.split(/\s+/),
);

/** Whether a request carries a shared access signature. */
export function hasSas({ query }: Call): boolean {
  return query.has("sig") && query.has("sv");
}

/**
 * The caller that a shared access signature stands for: account, service or user delegation.
 *
 * @param callerFor the signer of a user delegation SAS, whose own permissions limit it
 * @throws Refusal when the signature is not valid
 */
export function callerBySas(call: Call, store: Store, callerFor: CallerFor): Caller {
  const { query } = call;
  const { keys } = store;
  checkForm(call);
  const terms = termsOf(call, store);
  checkLimits(call, terms);
  if (query.has("ss")) return byAccountSas(call, keys);
  const resource = query.get("sr") ?? "";
  const since = SINCE[resource];
  if (since === undefined) throw refuseSignature("sr is not valid");
  // An earlier version does not sign the kind of resource, which could be exchanged.
  if (one(call, "sv") < since) throw refuseSignature("sr is not valid in this version");
  const signer = query.has("skoid")
    ? byDelegation(call, keys, callerFor)
    : byAccountKey(call, keys);
  return limitTo(call, terms.letters, resource, signer);
}

/** Kinds of resources that a signature can be for, and since which version. */
const SINCE: Readonly<Record<string, string>> = {
  b: "",
  c: "",
  bs: "2018-11-09",
  d: "2020-02-10",
};
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?Z)?$/;

/** Refuses duplicate parameters, and values that are malformed. */
function checkForm(call: Call): void {
  const { query } = call;
  for (const name of query.keys()) {
    if (SAS_PARAMETERS.has(name) && query.getAll(name).length > 1) {
      throw refuseSignature(`${name} is given twice`);
    }
  }
  if (!isVersion(one(call, "sv"))) throw refuseSignature("sv is no version of the service");
  for (const name of ["st", "se", "skt", "ske"]) {
    const text = one(call, name);
    if (text !== "" && !TIME.test(text)) throw refuseSignature(`${name} is no time`);
  }
}

/** What a signature grants, and for how long; times in ISO 8601, a start may be empty. */
interface Terms {
  readonly start: string;
  readonly expiry: string;
  readonly letters: string;
}

/** The terms in the URL, or in the stored access policy that it names. */
function termsOf(call: Call, { fileSystems }: Store): Terms {
  const id = one(call, "si");
  const policies = id === "" ? null : (fileSystems.get(call.fileSystem)?.policies ?? "");
  const policy = policies
    ? readXml(policies).children.find((one) => childOf(one, "Id")?.text === id)
    : undefined;
  if (policies !== null && policy === undefined) throw refuseSignature("there is no such policy");
  const term = (parameter: string, name: string) => {
    const given = one(call, parameter);
    const stored = childOf(childOf(policy, "AccessPolicy"), name)?.text ?? "";
    // A URL must not override a policy, which can be changed later.
    if (given !== "" && stored !== "")
      throw refuseSignature(`${parameter} is in the policy as well`);
    return given || stored;
  };
  return {
    start: term("st", "Start"),
    expiry: term("se", "Expiry"),
    letters: term("sp", "Permission"),
  };
}

/** Time, protocol and address range; see "Create a service SAS". */
function checkLimits(call: Call, { start, expiry }: Terms): void {
  const now = Date.now();
  if (expiry === "") throw refuseSignature("se is mandatory");
  if (start !== "" && !(Date.parse(start) <= now)) throw refuseSignature("not valid yet");
  if (!(Date.parse(expiry) > now)) throw refuseSignature("expired");
  const isTls = "encrypted" in call.request.socket;
  if (one(call, "spr") === "https" && !isTls) {
    throw refuse("AuthorizationProtocolMismatch").because(flaw("spr allows https only"));
  }
  const range = one(call, "sip");
  if (range !== "" && !isInRange(call.request.socket.remoteAddress ?? "", range)) {
    const why = `sip allows ${range} only`;
    throw refuse("AuthorizationSourceIPMismatch").because(flaw(why));
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
  if (!isSigned(one(call, "sig"), keys.account(), [accountText(call)])) {
    throw refuseSignature("the signature does not match");
  }
  if (!one(call, "ss").includes("b")) {
    const reason = flaw("ss does not name the blob service", "b", one(call, "ss"));
    throw refuse("AuthorizationServiceMismatch").because(reason);
  }
  const types = one(call, "srt");
  const letters = one(call, "sp");
  const needType = (type: string) => {
    if (types.includes(type)) return;
    const reason = flaw("srt does not name the type of resource", type, types);
    throw refuse("AuthorizationResourceTypeMismatch").because(reason);
  };
  return {
    ...KEY_HOLDER,
    bars: (action) => {
      // Listing is an operation on the container, everything else on objects.
      needType(action === "list" ? "c" : "o");
      return lacksLetter(ACTIONS[action].sas, letters);
    },
    lacksWide: (action) => {
      needType(WIDE_ACTIONS[action].type);
      return lacksLetter(WIDE_ACTIONS[action].sas, letters);
    },
  };
}

/** Why a valid signature does not allow a request. */
function flaw(why: string, needs?: string, has?: string): RefusalReason {
  const letters = needs !== undefined && has !== undefined ? { needs, has } : {};
  return { by: "signature", why, ...letters };
}

/** Why a signature's permissions are too few; undefined when they have one of the letters `needed`. */
function lacksLetter(needed: string, letters: string): RefusalReason | undefined {
  if ([...needed].some((letter) => letters.includes(letter))) return undefined;
  return flaw("sp does not permit it", needed, letters);
}

function byAccountKey(call: Call, keys: Keys): Caller {
  const resource = one(call, "sr");
  const texts = canonicalName(call, resource).map((name) => serviceText(call, resource, name));
  if (!isSigned(one(call, "sig"), keys.account(), texts)) {
    throw refuseSignature("the signature does not match");
  }
  return KEY_HOLDER;
}

function byDelegation(call: Call, keys: Keys, callerFor: CallerFor): Caller {
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
  const signer = callerFor(one(call, "skoid"), one(call, "sktid"));
  // An unauthorized object id (suoid) is checked against the access lists too, unlike an authorized
  // one (saoid).
  const unauthorized = one(call, "suoid");
  const { id, groups } = callerFor(
    unauthorized || one(call, "saoid") || signer.id,
    signer.tenantId,
  );
  return { ...signer, id, groups, acl: unauthorized === "" ? "nothing" : "besides" };
}

/** The signer, limited to the permissions of the signature and the paths that it is for. */
function limitTo(call: Call, letters: string, resource: string, signer: Caller): Caller {
  const depth = Number(one(call, "sdd"));
  const own = resource === "d" ? targetNames(call).slice(0, depth) : call.names;
  const isInside = (fileSystem: string, names: readonly string[]) =>
    fileSystem === call.fileSystem &&
    (resource === "c" || own.every((name, index) => names[index] === name)) &&
    (resource === "c" || resource === "d" || names.length === own.length);
  return {
    ...signer,
    overrides: { ...signer.overrides, ...overridesOf(call) },
    bars: (action, fileSystem, names) =>
      isInside(fileSystem, names)
        ? (lacksLetter(ACTIONS[action].sas, letters) ?? signer.bars?.(action, fileSystem, names))
        : flaw("it is for another path"),
    lacksWide: () => flaw("it is for paths only"),
  };
}

/** Content headers that a signature overrides in answers to reads. */
function overridesOf(call: Call): Record<string, string> {
  const given = OVERRIDES.map(([name, header]) => [header, one(call, name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

const OVERRIDES = [
  ["rscc", "cache-control"],
  ["rscd", "content-disposition"],
  ["rsce", "content-encoding"],
  ["rscl", "content-language"],
  ["rsct", "content-type"],
] as const;
