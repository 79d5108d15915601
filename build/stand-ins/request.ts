import { PassThrough, Readable } from "node:stream";

interface Options {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Stands in for `request`, which nobody maintains: what danfojs-node asks of it, by Node's own
 * `fetch`. The stream tells by the event `response` of the status before the body comes.
 */
function request({ url, method = "GET", headers = {} }: Options): PassThrough {
  const body = new PassThrough();
  fetch(url, { method, headers }).then(
    (response) => {
      const { status: statusCode, statusText: statusMessage } = response;
      body.emit("response", { statusCode, statusMessage });
      if (response.body) Readable.fromWeb(response.body as never).pipe(body);
      else body.end();
    },
    (error) => body.destroy(error),
  );
  return body;
}

request.get = (url: string) => request({ url });

export default request;
