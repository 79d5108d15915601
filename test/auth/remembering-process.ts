// Signs in with what another process remembered: argv holds the cloud and the folder, as JSON.
import { signInTo } from "../../src/auth/sign-in-to.ts";

const [cloud, folder] = process.argv.slice(2).map((text) => JSON.parse(text));
let prompts = 0;
const session = await signInTo(cloud, {
  method: "device-code",
  remember: { folder },
  onPrompt() {
    prompts++;
  },
});
await Promise.all([session.tokenFor("management"), session.tokenFor("gen1")]);
console.log(`${prompts} prompts, ${session.account.username}`);
