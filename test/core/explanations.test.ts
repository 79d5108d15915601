import { expect, test } from "vitest";
import { EXPLANATIONS, explain } from "../../src/core/explanations.ts";

test("the first name that is known is explained", () => {
  expect(explain("AADSTS7000215")?.code).toBe("BAD_SECRET");
  expect(explain(undefined, "AADSTS1", "AuthorizationFailed")?.code).toBe("FORBIDDEN");
  expect(explain("AADSTS1")).toBeUndefined();
  expect(explain("toString")).toBeUndefined();
});

test.each([
  ["AuthorizationFailed", /Reader/],
  ["AuthorizationPermissionMismatch", /Storage Blob Data Reader.*Owner does not include data/],
  ["InvalidAuthenticationTokenTenant", /tenantId/],
  ["AADSTS7000222", /Certificates & secrets/],
])("%s names the role or setting that fixes it", (name, remedy) => {
  expect(explain(name)?.remedy).toMatch(remedy);
});

test.each(Object.entries(EXPLANATIONS))("%s reads well in a message", (_name, explanation) => {
  expect(explanation.code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  expect(explanation.reason).toMatch(/^[a-z].*[^.]$/);
  expect(explanation.remedy).toMatch(/\.$/);
});
