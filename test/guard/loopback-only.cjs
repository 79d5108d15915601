// Preloaded into every process that the tests start, by NODE_OPTIONS=--require. Whatever reaches
// for a host other than this machine is refused, and noted in the file that
// NOTELAKE_GUARD_LOG names, so that a refusal that some code swallows still fails the run.
"use strict";
const dns = require("node:dns");
const fs = require("node:fs");
const net = require("node:net");

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|0\.0\.0\.0|::)$/;
const isLoopback = (host) => host === undefined || host === null || LOOPBACK.test(String(host));

function refuse(what) {
  const log = process.env.NOTELAKE_GUARD_LOG;
  if (log) fs.appendFileSync(log, `${what} (${process.argv.slice(1, 3).join(" ")})\n`);
  return Object.assign(new Error(`the tests stay on this machine: ${what}`), { code: "EGUARD" });
}

const lookup = dns.lookup;
dns.lookup = (host, options, callback) => {
  if (isLoopback(host) || net.isIP(host)) return lookup.call(dns, host, options, callback);
  const done = typeof options === "function" ? options : callback;
  const error = refuse(`look-up of ${host}`);
  process.nextTick(() => done(error));
  return {};
};

for (const name of Object.keys(dns.promises)) {
  if (!/^(lookup|resolve)/.test(name)) continue;
  const original = dns.promises[name];
  dns.promises[name] = async (host, ...rest) => {
    if (!isLoopback(host) && !net.isIP(host)) throw refuse(`look-up of ${host}`);
    return original.call(dns.promises, host, ...rest);
  };
}

for (const name of Object.keys(dns)) {
  if (!/^resolve/.test(name) || typeof dns[name] !== "function") continue;
  dns[name] = (host, ...rest) => {
    const error = refuse(`look-up of ${host}`);
    process.nextTick(() => rest.at(-1)(error));
  };
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  // Node itself passes its normalised arguments on as one array.
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = typeof first === "object" ? first.host : args[1];
  if (typeof host === "string" && net.isIP(host) && !isLoopback(host)) {
    const error = refuse(`connection to ${host}`);
    process.nextTick(() => this.destroy(error));
    return this;
  }
  this.on("lookup", (_error, address) => {
    if (address && !isLoopback(address)) this.destroy(refuse(`connection to ${address}`));
  });
  return connect.apply(this, args);
};
