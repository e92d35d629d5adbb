/** Warns of webhooks that want more time than a step has; what becomes of them: call.ts. */
import type { Canary } from '../../canary/canary.ts';
import type { Webhook } from '../../canary/spec.ts';

/**
 * How much of a step its hooks may use. What is kept for the rest of it, for a metric query and for the writes, is a
 * fifth, 10 s at most.
 */
export const answerableMs = (stepTimeoutMs: number): number => stepTimeoutMs - Math.min(10_000, stepTimeoutMs / 5);

/** One sentence per hook whose attempts together may outlast a step. Hooks of events are called beside it. */
export const slowHookWarnings = ({ spec }: Canary, stepTimeoutMs: number): readonly string[] =>
  spec.analysis.webhooks.flatMap((hook, index) =>
    hook.type === 'event' || longestMs(hook) < answerableMs(stepTimeoutMs)
      ? []
      : [
          `spec.analysis.webhooks[${index}] (${hook.name}): expected timeout and retries to fit into ` +
            `${answerableMs(stepTimeoutMs) / 1000} s of a step of ${stepTimeoutMs / 1000} s, got up to ` +
            `${longestMs(hook) / 1000} s; it has not passed when that time is over: shorten them, or have the operator ` +
            'raise STEP_TIMEOUT',
        ],
  );

/** Attempts without the pauses between them. */
const longestMs = ({ timeoutMs, retries }: Webhook): number => timeoutMs * (retries + 1);
