/** The template variable `route` of a Knative Service: its newest revision. Specification of metrics, sections 1 and 8. */
import type { StepContext } from '../context.ts';
import { knativeServiceAt, knownKnativeService, latestRevisionOf } from '../objects/knative-service.ts';
import type { ObjectsClient } from '../objects/step-objects.ts';
import { createStepReads } from '../objects/step-reads.ts';
import { messageOf } from '../../platform/error-message.ts';
import { RouteError } from './stage-error.ts';

/**
 * Answers undefined for a Canary of another provider.
 *
 * @throws RouteError when the Service can't be read, or has no revision
 */
export function createKnativeRoutes(client: Pick<ObjectsClient, 'get'>) {
  const reads = createStepReads(client);
  return async (step: StepContext): Promise<string | undefined> => {
    if (step.canary.spec.provider !== 'knative') return undefined;
    try {
      const service = knownKnativeService(step, await reads.get(step, knativeServiceAt(step)));
      const latest = latestRevisionOf(service);
      if (latest !== undefined) return latest;
    } catch (cause) {
      throw new RouteError(messageOf(cause), { cause });
    }
    throw new RouteError('it has no revision yet');
  };
}
