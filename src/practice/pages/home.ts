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
<ul class="facts">${USERS.map(
      (user) => html`<li><b>${displayName(user)}</b> <code>${user.upn}</code><br>
<span class="soft">${user.about}</span></li>`,
    )}</ul>
<h2>What is here</h2>
<ul class="facts">
<li><b>Tenant</b> ${TENANT.name}<br><code>${TENANT.id}</code></li>
<li><b>Subscription</b> ${SUBSCRIPTION.name}<br><code>${SUBSCRIPTION.id}</code></li>
<li><b>Storage account</b> <code>${STORAGE_ACCOUNT}</code></li>
</ul>`,
    "notelake practice cloud",
  );
}
