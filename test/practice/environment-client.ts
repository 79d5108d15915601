import { DefaultAzureCredential } from "@azure/identity";

// A process of its own, which is told nothing but what its environment says.
const credential = new DefaultAzureCredential({ disableInstanceDiscovery: true } as object);
const { token } = await credential.getToken("https://storage.azure.com/.default");
process.stdout.write(token);
