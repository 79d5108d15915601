import {
  createEmptyPipeline,
  createPipelineRequest,
  defaultRetryPolicy,
  type PipelineResponse,
  proxyPolicy,
} from "@azure/core-rest-pipeline";
import { signInTraffic } from "./sign-in-traffic.ts";

/**
 * Sends a request to see whether anything answers.
 *
 * @param timeout milliseconds
 */
export function probe(url: string, timeout: number): Promise<PipelineResponse> {
  const pipeline = createEmptyPipeline();
  // One retry, as the server may have closed an idle connection.
  pipeline.addPolicy(defaultRetryPolicy({ maxRetries: 1, retryDelayInMs: 50 }));
  pipeline.addPolicy(proxyPolicy());
  const request = createPipelineRequest({ url, timeout, allowInsecureConnection: true });
  return pipeline.sendRequest(signInTraffic, request);
}
