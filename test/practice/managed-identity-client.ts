import { ManagedIdentityCredential } from "@azure/identity";

// A process of its own: asks for one token with the options it is sent, and sends back the answer.
process.once("message", async (options: object) => {
  const credential = new ManagedIdentityCredential({
    ...options,
    retryOptions: { maxRetries: 0 },
  } as object);
  try {
    const { token } = await credential.getToken("https://storage.azure.com/.default");
    process.send?.({ token });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
