import { displayName, USERS } from "../directory/people.ts";
import { STORAGE_ACCOUNT, SUBSCRIPTION, TENANT } from "../directory/tenant.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";

/** What runs here, and who can sign in. */
export function homePage(): string {
  return page(
    "What runs here",
    html`<h1>A practice cloud runs on this computer</h1>
<p>It plays the parts of Azure that a notebook meets: sign-in (Microsoft Entra ID), Azure Resource
Manager and Data Lake Storage. It listens on 127.0.0.1 only, and it ends with the program that
started it.</p>
<p>A program has shown you a code? <a href="/devicelogin">Enter it here.</a></p>
<h2>Who can sign in</h2>
<div class="scroll"><table>
<tr><th scope="col">User</th><th scope="col">Name</th><th scope="col">Rights</th></tr>
${USERS.map(
  (user) => html`<tr><td><code>${user.upn}</code></td><td>${displayName(user)}</td>
<td>${user.about}</td></tr>`,
)}
</table></div>
<h2>What is here</h2>
<div class="scroll"><table>
<tr><th scope="row">Tenant</th><td>${TENANT.name}, <code>${TENANT.id}</code></td></tr>
<tr><th scope="row">Subscription</th><td>${SUBSCRIPTION.name}, <code>${SUBSCRIPTION.id}</code></td></tr>
<tr><th scope="row">Storage account</th><td><code>${STORAGE_ACCOUNT}</code></td></tr>
</table></div>`,
    true,
  );
}
