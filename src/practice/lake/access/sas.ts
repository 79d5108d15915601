import type { RefusalReason } from "../../reason.ts";
import type { Store } from "../storage/store.ts";
import type { Call } from "../wire/call.ts";
import { refuse, refuseSignature } from "../wire/refusals.ts";
import { textOf } from "../wire/xml.ts";
import { ACTIONS, WIDE_ACTIONS } from "./actions.ts";
import { type Caller, KEY_HOLDER } from "./caller.ts";
import { delegationKey } from "./delegation.ts";
import type { Keys } from "./keys.ts";
import {
  accountText,
  canonicalName,
  delegationText,
  one,
  serviceText,
  targetNames,
} from "./sas-texts.ts";
import { isSigned } from "./signatures.ts";

/** Somebody by their object id: who signed a user delegation SAS, or whom it is for. */
type CallerFor = (id: string, tenantId: string) => Caller;

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
export function callerBySas(call: Call, store: Store, callerFor: CallerFor): Caller {
  const { query } = call;
  const { keys } = store;
  const terms = termsOf(call, store);
  checkLimits(call, terms);
  if (query.has("ss")) return byAccountSas(call, keys);
  const resource = query.get("sr") ?? "";
  if (!["b", "c", "d", "bs"].includes(resource)) throw refuseSignature("sr is not valid");
  const signer = query.has("skoid")
    ? byDelegation(call, keys, callerFor)
    : byAccountKey(call, keys);
  return limitTo(call, terms.letters, resource, signer);
}

/** What a signature grants, and for how long; times in ISO 8601, a start may be empty. */
interface Terms {
  readonly start: string;
  readonly expiry: string;
  readonly letters: string;
}

/** The terms in the request itself, or in the stored access policy that it names. */
function termsOf(call: Call, { fileSystems }: Store): Terms {
  const id = one(call, "si");
  const policies = id === "" ? null : (fileSystems.get(call.fileSystem)?.policies ?? "");
  const policy = [...(policies ?? "").matchAll(/<SignedIdentifier>([\s\S]*?)<\/SignedIdentifier>/g)]
    .map(([, content = ""]) => content)
    .find((content) => textOf(content, "Id") === id);
  if (policies !== null && policy === undefined) throw refuseSignature("there is no such policy");
  const term = (parameter: string, name: string) =>
    one(call, parameter) || textOf(policy ?? "", name) || "";
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
    lacks: (action) => {
      // Listing is asked of the container, everything else of what lies in it.
      needType(action === "list" ? "c" : "o");
      return lacksLetter(ACTIONS[action].sas, letters);
    },
    lacksWide: (action) => {
      needType(WIDE_ACTIONS[action].type);
      return lacksLetter(WIDE_ACTIONS[action].sas, letters);
    },
  };
}

/** What is wrong with a signature that holds as such. */
function flaw(why: string, needs?: string, has?: string): RefusalReason {
  const letters = needs !== undefined && has !== undefined ? { needs, has } : {};
  return { by: "signature", why, ...letters };
}

/** What is wrong with letters of which one is wanted. */
function lacksLetter(wanted: string, letters: string): RefusalReason | undefined {
  if ([...wanted].some((letter) => letters.includes(letter))) return undefined;
  return flaw("sp does not permit it", wanted, letters);
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
  // The agent acts; one that the signer did not vouch for is held to the access lists as well.
  const agent = one(call, "suoid") || one(call, "saoid") || signer.id;
  const { id, groups } = callerFor(agent, signer.tenantId);
  return { ...signer, id, groups };
}

/** What a signer may do, cut down to the signature's letters and to what it names. */
function limitTo(call: Call, letters: string, resource: string, signer: Caller): Caller {
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
    lacks: (action, fileSystem, names) => {
      if (isAgent) return flaw("suoid names somebody whom access lists alone let in");
      const isCovered = action === "list" || isInside(fileSystem, names);
      if (!isCovered) return flaw("it is for another path");
      return lacksLetter(ACTIONS[action].sas, letters) ?? signer.lacks(action, fileSystem, names);
    },
    lacksWide: (action, fileSystem) => {
      if (resource !== "c" || action !== "readFileSystem") return flaw("it is for paths only");
      return lacksLetter("r", letters) ?? signer.lacksWide(action, fileSystem);
    },
  };
}
