import { displayName, USERS, type User } from "../directory/people.ts";
import { GROUPS } from "../directory/security-groups.ts";
import { ARCHIVE, STORAGE_ACCOUNT, SUBSCRIPTION, TENANT } from "../directory/tenant.ts";
import type { Faults } from "../faults/faults.ts";
import { FAULTS_PATH, REQUESTS_PATH, RESET_PATH } from "./controls.ts";
import { html, type Markup } from "./html-markup.ts";
import { page } from "./layout.ts";

const EXAMPLE = '{"kind":"status","on":"token","status":429,"retryAfter":5,"times":1}';

/**
 * The home page: services and users.
 *
 * @param origin `http://127.0.0.1:PORT` of this page
 * @param user who is signed in to later codes too
 */
export function homePage(faults: Faults, origin: string, user: User | undefined): string {
  const active = faults
    .list()
    .map(({ fault }) => html`<li><code>${JSON.stringify(fault)}</code></li>`);
  return page(
    "What runs here",
    html`<h1>A practice cloud runs on this computer</h1>
<p>It plays the parts of Azure that a notebook meets: sign-in (Microsoft Entra ID), Azure Resource
Manager and Data Lake Storage. It listens on 127.0.0.1 only, and it ends with the program that
started it.</p>
<p>A program has shown you a code? <a href="/devicelogin">Enter it here.</a></p>
${user ? signedInAs(user) : ""}
<h2>Who can sign in</h2>
<ul class="facts">${USERS.map(
      (user) => html`<li><b>${displayName(user)}</b> <code>${user.upn}</code><br>
<span class="soft">${user.about}</span></li>`,
    )}</ul>
<h2>Which groups there are</h2>
<ul class="facts">${GROUPS.map(
      ({ id, name, about }) => html`<li><b>${name}</b> <code>${id}</code><br>
<span class="soft">${about}</span></li>`,
    )}</ul>
<h2>What is here</h2>
<ul class="facts">
<li><b>Tenant</b> ${TENANT.name}<br><code>${TENANT.id}</code></li>
<li><b>Subscription</b> ${SUBSCRIPTION.name}<br><code>${SUBSCRIPTION.id}</code></li>
<li><b>Storage account</b> <code>${STORAGE_ACCOUNT}</code></li>
<li><b>Another subscription</b> ${ARCHIVE.name}<br><code>${ARCHIVE.id}</code></li>
<li><b>Storage account in it</b> <code>${ARCHIVE.account}</code></li>
</ul>
<h2>What goes wrong on purpose</h2>
${active.length > 0 ? html`<ul class="facts">${active}</ul>` : html`<p>Nothing at the moment.</p>`}
<p class="soft">Faults are added by <code>POST</code> and ended by <code>DELETE</code>:</p>
<pre><code>curl -d '${EXAMPLE}' \\
  ${origin}${FAULTS_PATH}</code></pre>
<h2>What was asked, and how to begin again</h2>
<p class="soft">The last requests, with the role, access list entry, signature or rule that refused
each; and everything put back to what it was at first:</p>
<pre><code>curl ${origin}${REQUESTS_PATH}
curl -X POST ${origin}${RESET_PATH}</code></pre>`,
    "notelake practice cloud",
  );
}

/** Where the person of this practice cloud signs out. */
export const SIGN_OUT_PATH = "/signout";

function signedInAs(user: User): Markup {
  return html`<form method="post" action="${SIGN_OUT_PATH}">
<p>Programs that show a code, or open a browser, continue as <b>${displayName(user)}</b>.</p>
<div class="actions"><button>Sign out</button></div>
</form>`;
}
