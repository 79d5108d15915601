import { serveLake } from "./served-lake.ts";

// Serves the lake kept in the folder that is named, until the process is killed.
const { port, ca } = await serveLake({}, process.argv[2]);
process.stdout.write(`${JSON.stringify({ port, ca })}\n`);
