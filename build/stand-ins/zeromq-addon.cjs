// In place of zeromq's own loader, which comes with a builder of addons: one build for a platform.
const { existsSync } = require("node:fs");

const { platform, arch } = process;
const libc = platform === "linux" && existsSync("/etc/alpine-release") ? "musl" : "";
const name = [platform, arch, libc].filter(Boolean).join("-");
exports.__esModule = true;
exports.default = require(`../build/${name}.node`);
