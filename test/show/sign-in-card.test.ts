import { afterEach, expect, test, vi } from "vitest";
import type { DeviceCodePrompt, PromptOutcome } from "../../src/core/sign-in-types.ts";
import type { MimeBundle } from "../../src/show/display.ts";
import { showSignInCard, signInCard } from "../../src/show/sign-in-card.ts";

const account = { kind: "user", name: "Ada <Lovelace>", username: "ada@contoso.com" } as const;

/** A prompt, and what ends it. */
function openPrompt() {
  const { promise: outcome, resolve: settle } = Promise.withResolvers<PromptOutcome>();
  const prompt: DeviceCodePrompt = {
    kind: "device-code",
    userCode: "B7KQ9WXHT",
    verificationUri: 'https://microsoft.com/devicelogin?a="b"&c',
    message: "To sign in, open the page and enter the code B7KQ9WXHT.",
    expiresOn: new Date(Date.now() + 900_000),
    outcome,
  };
  return { prompt, settle };
}

const KERNEL_DISPLAY = Symbol.for("notelake.display");
afterEach(() => {
  Reflect.deleteProperty(globalThis, KERNEL_DISPLAY);
  vi.restoreAllMocks();
});

test("in a notebook one card changes in place from waiting to signed in", async () => {
  const shown: MimeBundle[] = [];
  const update = (bundle: MimeBundle) => void shown.push(bundle);
  Reflect.set(globalThis, KERNEL_DISPLAY, (bundle: MimeBundle) => {
    update(bundle);
    return { update };
  });
  const { prompt, settle } = openPrompt();
  showSignInCard(prompt);
  expect(shown).toHaveLength(1);
  expect(shown[0]?.["text/html"]).toContain(">B7KQ9WXHT<");
  settle({ state: "signed-in", account });
  await prompt.outcome;
  expect(shown).toHaveLength(2);
  expect(shown[1]?.["text/plain"]).toBe("Signed in as Ada <Lovelace> (ada@contoso.com).");
  expect(shown[1]?.["text/html"]).not.toContain("B7KQ9WXHT");
});

test("what comes from the authority is text in the card, whatever it is", () => {
  const { prompt } = openPrompt();
  const userCode = "<img src=x>&'\"";
  const html = String(signInCard({ ...prompt, userCode })["text/html"]);
  expect(html).toContain("&lt;img src=x&gt;&amp;");
  expect(html).not.toContain("<img");
  expect(html).toContain("a=&quot;b&quot;&amp;c");
});

test("without a notebook the message is printed, and then how it ended", async () => {
  const print = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const { prompt, settle } = openPrompt();
  showSignInCard(prompt);
  settle({ state: "expired", reason: "the device code was not used in time" });
  await prompt.outcome;
  expect(print.mock.calls.map(([text]) => text)).toEqual([
    `${prompt.message}\n`,
    "The code has expired: the device code was not used in time\n",
  ]);
});

test("nothing that comes from outside gets into the markup", () => {
  const { prompt } = openPrompt();
  const waiting = signInCard(prompt)["text/html"] ?? "";
  expect(waiting).toContain('href="https://microsoft.com/devicelogin?a=&quot;b&quot;&amp;c"');
  const done = signInCard(prompt, { state: "signed-in", account })["text/html"] ?? "";
  expect(done).toContain("Ada &lt;Lovelace&gt;");
  expect(done).not.toContain("<Lovelace>");
});

test.each([
  ["declined", "Sign-in declined"],
  ["expired", "The code has expired"],
  ["cancelled", "Sign-in cancelled"],
  ["failed", "Sign-in failed"],
] as const)("a sign-in that is %s says so, and why", (state, title) => {
  const card = signInCard(openPrompt().prompt, { state, reason: "somebody pulled the plug" });
  expect(card["text/plain"]).toBe(`${title}: somebody pulled the plug`);
  expect(card["text/html"]).toContain(`>${title}</div>`);
  expect(card["text/html"]).toContain("Somebody pulled the plug. Run the cell again");
});

test("a browser sign-in has no code to show, but the page that was opened", () => {
  const { prompt } = openPrompt();
  const url = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?a=1&b=2";
  const card = signInCard({
    kind: "browser",
    message: "Look at it.",
    url,
    outcome: prompt.outcome,
  });
  expect(card["text/plain"]).toBe("Look at it.");
  expect(card["text/html"]).toContain("Waiting for the browser");
  expect(card["text/html"]).toContain(`href="${url.replace("&", "&amp;")}"`);
});

test("the card counts down, and names what follows a code that has expired", () => {
  const { prompt } = openPrompt();
  const at = (milliseconds: number) =>
    signInCard({ ...prompt, expiresOn: new Date(Date.now() + milliseconds) })["text/html"];
  expect(at(900_000)).toContain("good for 15 minutes.");
  expect(at(150_000)).toContain("good for 3 minutes.");
  expect(at(38_000)).toContain("good for 40 seconds.");
  const end = signInCard(prompt, { state: "expired", reason: "not used in time", followed: true });
  expect(end["text/html"]).toContain("Not used in time. The next one is below.");
});

test("a card that waits is shown anew only when its minutes change", async () => {
  vi.useFakeTimers();
  const shown: MimeBundle[] = [];
  const update = (bundle: MimeBundle) => void shown.push(bundle);
  Reflect.set(globalThis, KERNEL_DISPLAY, () => ({ update }));
  const { prompt, settle } = openPrompt();
  showSignInCard(prompt);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(shown).toHaveLength(2);
  expect(shown.at(-1)?.["text/html"]).toContain("good for 13 minutes.");
  settle({ state: "signed-in", account });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(shown).toHaveLength(3);
  vi.useRealTimers();
});
