/** Warns of webhooks that want more time than a step has; what becomes of them: webhooks/call.ts. */
import type { Canary } from '../canary/canary.ts';
import type { Webhook } from '../canary/spec.ts';

/** One sentence per hook whose attempts together may outlast a step. Hooks of events are called beside it. */
export const slowHookWarnings = ({ spec }: Canary, stepTimeoutMs: number): readonly string[] =>
  spec.analysis.webhooks.flatMap((hook, index) =>
    hook.type === 'event' || longestMs(hook) < stepTimeoutMs
      ? []
      : [
          `spec.analysis.webhooks[${index}] (${hook.name}): expected timeout and retries to fit into a step of ` +
            `${stepTimeoutMs / 1000} s, got up to ${longestMs(hook) / 1000} s; it has not passed when the step is over: ` +
            'shorten them, or have the operator raise STEP_TIMEOUT',
        ],
  );

/** Attempts without the pauses between them. */
const longestMs = ({ timeoutMs, retries }: Webhook): number => timeoutMs * (retries + 1);
