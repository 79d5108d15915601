import { Markup } from "./html-markup.ts";

/** The look of every page: system fonts, light and dark, nothing loaded from elsewhere. */
export const STYLE = new Markup(`
:root {
  color-scheme: light dark;
  --page: #eef2f5; --card: #fff; --ink: #16222c; --soft: #51626f; --line: #d4dde4;
  --deep: #0b5c6b; --deep-ink: #fff; --tint: #e4f1f3; --bad: #a3261f; --bad-tint: #fcebe9;
  --good: #1c6b3c; --good-tint: #e5f4ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f161b; --card: #18222a; --ink: #e6edf2; --soft: #9fb0bc; --line: #2f3d47;
    --deep: #5cc4d4; --deep-ink: #06222a; --tint: #173038; --bad: #ff9c93; --bad-tint: #3a1d1b;
    --good: #7fd6a0; --good-tint: #16301f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
}
.banner {
  width: 100%; padding: .5rem 1rem; text-align: center; font-size: .875rem;
  background: var(--tint); color: var(--ink); border-bottom: 1px solid var(--line);
}
main {
  width: min(28rem, 100% - 2rem); margin: clamp(1.5rem, 9vh, 6rem) auto 2rem; padding: 2.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  box-shadow: 0 1px 2px #0001, 0 12px 32px #0000000f;
}
@media (max-width: 30rem) { main { padding: 1.5rem 1.25rem; margin-top: 1rem; } }
.brand { display: flex; align-items: center; gap: .5rem; color: var(--soft); font-weight: 600; }
.brand svg { width: 1.5rem; height: 1.5rem; color: var(--deep); flex: none; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .5rem; text-wrap: balance; }
h2 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0 1rem; }
.soft { color: var(--soft); }
a { color: var(--deep); }
label { display: block; font-weight: 600; margin-bottom: .375rem; }
input[type=text] {
  width: 100%; padding: .625rem .75rem; border: 1px solid var(--soft); border-radius: 8px;
  background: var(--card); color: var(--ink); font: inherit;
}
input.code {
  font: 600 1.5rem/1.3 ui-monospace, "SF Mono", "Cascadia Mono", Consolas, monospace;
  letter-spacing: .12em; text-transform: uppercase; text-align: center;
}
input[aria-invalid=true] { border-color: var(--bad); }
:focus-visible { outline: 3px solid var(--deep); outline-offset: 2px; }
.message {
  padding: .625rem .875rem; border-radius: 8px; margin: 0 0 1rem;
  background: var(--bad-tint); color: var(--bad);
}
.actions { display: flex; gap: .75rem; justify-content: flex-end; flex-wrap: wrap; margin-top: 1.5rem; }
button {
  font: inherit; font-weight: 600; padding: .5625rem 1.25rem; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: var(--ink);
}
button:hover { border-color: var(--deep); }
button.main { background: var(--deep); border-color: var(--deep); color: var(--deep-ink); }
button.main:hover { filter: brightness(1.08); }
.people { display: grid; gap: .5rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.person {
  display: flex; align-items: center; gap: .875rem; width: 100%; text-align: left;
  padding: .75rem .875rem; font-weight: 400;
}
.person b { display: block; }
.person small { display: block; color: var(--soft); overflow-wrap: anywhere; }
.face {
  flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid;
  place-items: center; background: var(--tint); color: var(--deep); font-weight: 700;
}
.number { font: 700 3.5rem/1 ui-monospace, Consolas, monospace; margin: 1rem 0; text-align: center; }
.phone { border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; background: var(--page); }
.phone h2 { margin: 0 0 .25rem; }
.phone input { max-width: 6rem; }
.mark {
  width: 3.5rem; height: 3.5rem; border-radius: 50%; display: grid; place-items: center;
  background: var(--good-tint); color: var(--good); margin: 1.25rem 0 0;
}
.mark.no { background: var(--bad-tint); color: var(--bad); }
.mark svg { width: 2rem; height: 2rem; }
.facts { list-style: none; margin: 0; padding: 0; }
.facts li { padding: .5rem 0; border-bottom: 1px solid var(--line); }
pre { margin: .5rem 0 0; padding: .75rem; border-radius: 8px; background: var(--page); white-space: pre-wrap; }
code { font: .9375em ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
`);
