import {
  createEmptyPipeline,
  createPipelineRequest,
  defaultRetryPolicy,
  type PipelineResponse,
  proxyPolicy,
} from "@azure/core-rest-pipeline";
import { signInTraffic } from "./sign-in-traffic.ts";

/**
 * Asks for an address to see whether anything answers there, whatever it says.
 *
 * @param timeout milliseconds
 */
export function probe(url: string, timeout: number): Promise<PipelineResponse> {
  const pipeline = createEmptyPipeline();
  // Once more, since a connection kept from earlier may have been closed by the other side.
  pipeline.addPolicy(defaultRetryPolicy({ maxRetries: 1, retryDelayInMs: 50 }));
  pipeline.addPolicy(proxyPolicy());
  const request = createPipelineRequest({ url, timeout, allowInsecureConnection: true });
  return pipeline.sendRequest(signInTraffic, request);
}
