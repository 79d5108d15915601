import { type Exchange, readText, sendJson } from "../exchange.ts";
import { readFault } from "./fault.ts";
import type { Faults } from "./faults.ts";

/** Where faults are controlled over HTTP, below the address of the pages. */
export const FAULTS_PATH = "/practice/faults";

/**
 * Answers `GET` (what is in force), `POST` of a fault (201 with its id), and `DELETE` of all of
 * them or of one by its id.
 */
export async function controlFaults(faults: Faults, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  const id = url.pathname.slice(FAULTS_PATH.length + 1);
  if (request.method === "GET" && id === "") {
    sendJson(response, 200, { value: faults.list() });
  } else if (request.method === "POST" && id === "") {
    await addFault(faults, exchange);
  } else if (request.method === "DELETE" && id === "") {
    faults.clear();
    sendJson(response, 200, { value: [] });
  } else if (request.method === "DELETE" && faults.remove(id)) {
    sendJson(response, 200, { value: faults.list() });
  } else {
    sendJson(response, 404, { error: "there is no such fault" });
  }
}

async function addFault(faults: Faults, { request, response }: Exchange): Promise<void> {
  const text = await readText(request);
  try {
    const { id } = faults.add(readFault(JSON.parse(text)));
    sendJson(response, 201, { id });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    sendJson(response, 400, { error: error.message });
  }
}
