/** The module `tslab` in cells: tslab's own API on this kernel. */
export interface Display {
  javascript(text: string): void;
  html(text: string): void;
  markdown(text: string): void;
  latex(text: string): void;
  svg(text: string): void;
  png(bytes: Uint8Array): void;
  jpeg(bytes: Uint8Array): void;
  gif(bytes: Uint8Array): void;
  pdf(bytes: Uint8Array): void;
  text(text: string): void;
  /** Shows content of any MIME type. */
  // biome-ignore lint/suspicious/noExplicitAny: as tslab declares it.
  raw(contentType: string, content: string | Uint8Array): any;
}

interface Handle {
  update(bundle: Readonly<Record<string, unknown>>): void;
}

type Show = (bundle: Readonly<Record<string, unknown>>) => Handle;

class KernelDisplay implements Display {
  readonly #inPlace: boolean;
  #handle: Handle | undefined;

  constructor(inPlace: boolean) {
    this.#inPlace = inPlace;
  }

  javascript = (text: string) => this.raw("text/javascript", text);
  html = (text: string) => this.raw("text/html", text);
  markdown = (text: string) => this.raw("text/markdown", text);
  latex = (text: string) => this.raw("text/latex", text);
  svg = (text: string) => this.raw("image/svg+xml", text);
  png = (bytes: Uint8Array) => this.raw("image/png", bytes);
  jpeg = (bytes: Uint8Array) => this.raw("image/jpeg", bytes);
  gif = (bytes: Uint8Array) => this.raw("image/gif", bytes);
  pdf = (bytes: Uint8Array) => this.raw("application/pdf", bytes);
  text = (text: string) => this.raw("text/plain", text);

  raw(contentType: string, content: string | Uint8Array): void {
    const data = typeof content === "string" ? content : Buffer.from(content).toString("base64");
    const bundle = { [contentType]: data };
    if (this.#handle) {
      this.#handle.update(bundle);
      return;
    }
    const show: Show | undefined = Reflect.get(globalThis, Symbol.for("notelake.display"));
    if (!show) throw new Error("there is no kernel to show it");
    const handle = show(bundle);
    if (this.#inPlace) this.#handle = handle;
  }
}

/** Shows each value below the previous one. */
export const display: Display = new KernelDisplay(false);

/** A display that replaces what it showed before. */
export function newDisplay(): Display {
  return new KernelDisplay(true);
}

interface Versions {
  tslab: string;
  typescript: string;
  node: string;
}

/** Versions of the runtime, and the tslab version whose API this is. */
export const versions: Versions = {
  tslab: "1.0.22",
  typescript: "7.0.2",
  node: process.version,
};
