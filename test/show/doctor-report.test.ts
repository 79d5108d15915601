import { expect, test } from "vitest";
import { doctorReport } from "../../src/show/doctor-report.ts";

const report = doctorReport([
  { subject: "Node.js", state: "ok", finding: "24.1.0" },
  { subject: "Clock", state: "failed", finding: "900 s <ahead>", remedy: "Set it.\nThen again." },
]);

test("as text, remedies below what they fix", () => {
  expect(report["text/plain"]).toBe(
    "✓ Node.js  24.1.0\n✕ Clock    900 s <ahead>\n           Set it.\n           Then again.",
  );
});

test("as text, folded between words where the terminal ends, and never inside a path", () => {
  const path = "/a/long/path/that/is/copied/as/a/whole";
  const finding = `the kernel in ${path} starts no more`;
  const { "text/plain": text } = doctorReport([{ subject: "Kernel", state: "ok", finding }], 40);
  expect(text).toBe(`✓ Kernel  the kernel in\n          ${path}\n          starts no more`);
});

test("as HTML, with nothing let through", () => {
  expect(report["text/html"]?.match(/<tr /g)).toHaveLength(2);
  expect(report["text/html"]).toContain("900 s &lt;ahead&gt;");
});
