import { Agent } from "node:https";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { type Cloud, tlsSettings } from "../../core/cloud.ts";
import { LakeError } from "../../core/errors.ts";
import { RangePool } from "./range-client.ts";

/**
 * Connections to `cloud`. Those to the practice cloud only ever lead to its port on 127.0.0.1, whatever
 * a URL, a resolver or a proxy setting says.
 */
export interface Network {
  readonly agent: Agent;
  /** Absent behind a proxy, which takes a full HTTP client. */
  readonly ranges?: RangePool;
}

export function openNetwork(cloud: Cloud): Network {
  const dial = dialling(cloud);
  const proxied = cloud.kind === "azure" && PROXIES.some((name) => process.env[name]);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 64,
    ...tlsSettings(cloud),
    ...(proxied && { proxyEnv: process.env }),
  });
  if (cloud.kind === "azure") return { agent, ...(!proxied && { ranges: new RangePool(dial) }) };
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const url = new URL(`https://${options.host}:${options.port}`);
    return connect({ ...options, ...dial(url) }, callback);
  };
  return { agent, ranges: new RangePool(dial) };
}

const PROXIES = ["HTTPS_PROXY", "https_proxy"];

function dialling(cloud: Cloud): (url: URL) => ConnectionOptions & { host: string; port: number } {
  const settings = tlsSettings(cloud);
  return ({ host, hostname, port }) => {
    const servername = isIP(hostname) ? {} : { servername: hostname };
    if (cloud.kind === "azure") {
      return { ...settings, ...servername, host: hostname, port: Number(port || 443) };
    }
    if (Number(port) !== cloud.loopback?.port) {
      throw new LakeError("UNREACHABLE", `the practice cloud is not at ${host}`, {
        hint: "While the practice cloud is in use, nothing is sent elsewhere.",
      });
    }
    return { ...settings, ...servername, host: "127.0.0.1", port: Number(port) };
  };
}
