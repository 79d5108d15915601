// A stand-in for a browser and its user: opens a page, picks the first account, and submits forms.
// Named by `BROWSER`.

async function main(): Promise<void> {
  const address = process.argv.slice(2).find((word) => URL.canParse(word));
  if (!address) throw new TypeError("no address to open");
  let page = await open(address);
  for (let step = 0; step < 3 && page.html !== undefined; step += 1) {
    const form = readForm(page.html);
    if (!form) return;
    page = await open(new URL(form.action || page.address, page.address).href, form.fields);
  }
}

interface Page {
  readonly address: string;
  readonly html?: string;
}

async function open(address: string, fields?: URLSearchParams): Promise<Page> {
  const { hostname } = new URL(address);
  if (hostname !== "127.0.0.1" && hostname !== "localhost") {
    throw new TypeError(`the practice cloud's browser does not open ${hostname}`);
  }
  const response = await fetch(address, fields ? { method: "POST", body: fields } : {});
  const html = await response.text();
  return response.headers.get("content-type")?.startsWith("text/html")
    ? { address: response.url, html }
    : { address: response.url };
}

/** The page's form as a person would submit it: with the number, by its first button. */
function readForm(html: string): { action: string; fields: URLSearchParams } | undefined {
  const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(html)?.[0];
  if (!form) return undefined;
  const fields = new URLSearchParams();
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    fields.set(attribute(tag, "name"), attribute(tag, "value"));
  }
  const number = /Number to match">(\d+)</.exec(html)?.[1];
  if (number) fields.set("number", number);
  const button = /<button[^>]*>/.exec(form)?.[0] ?? "";
  if (attribute(button, "name")) fields.set(attribute(button, "name"), attribute(button, "value"));
  const [opening = ""] = /<form[^>]*>/.exec(form) ?? [];
  return { action: attribute(opening, "action"), fields };
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)));
}

void main();
