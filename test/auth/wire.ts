import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

/** Fields of forms and replies whose values must never be seen anywhere else. */
const SECRET =
  /"?\b(access_token|refresh_token|id_token|client_secret|client_assertion|device_code|code_verifier|code)"?[=:]\s*"?([^"&\s,}]{12,})/g;

/**
 * Reads along with every HTTP request of this process, and keeps the secrets that were really
 * sent and received, by the name of their field, and the bodies that were sent.
 */
export function readWire() {
  const secrets = new Map<string, Set<string>>();
  const sent: string[] = [];
  const note = (text: string) => {
    for (const [, field = "", value = ""] of text.matchAll(SECRET)) {
      const values = secrets.get(field) ?? new Set();
      secrets.set(field, values.add(decodeURIComponent(value)));
    }
  };
  const originals = [http, https].map(
    (module) => [module, module.request as (...input: unknown[]) => http.ClientRequest] as const,
  );
  for (const [module, original] of originals) {
    module.request = (...input: unknown[]) => {
      const request = original(...input);
      const send = request.end.bind(request);
      request.end = ((...rest: Parameters<typeof send>) => {
        const [chunk] = rest as readonly unknown[];
        if (typeof chunk === "string" || chunk instanceof Uint8Array) {
          sent.push(decodeURIComponent(chunk.toString()));
          note(chunk.toString());
        }
        return send(...rest);
      }) as typeof request.end;
      request.on("response", (response) => {
        // Reading along must not start the flow before the reader is there.
        const emit = response.emit.bind(response);
        let body = "";
        response.emit = (event: string, ...rest: unknown[]) => {
          if (event === "data") body += rest[0];
          if (event === "end") note(body);
          return emit(event, ...rest);
        };
      });
      return request;
    };
  }
  syncBuiltinESMExports();
  const stop = () => {
    for (const [module, original] of originals) module.request = original;
    syncBuiltinESMExports();
  };
  return { secrets, sent, stop };
}
