/** What each job of a queue is in traces and logs, whichever queue it is. */
import { DelayedError } from 'bullmq';
import { withLogFields } from '../../platform/observability/log-context.ts';
import { traceIdOf } from '../../platform/observability/tracing.ts';
import type { SpanUnderWay, Tracing } from '../../platform/observability/tracing.ts';

/** The part of a BullMQ job that says where it comes from. */
export interface CausedJob {
  readonly id?: string | undefined;
  /** `metadata`: W3C traceparent of what had it added. */
  readonly opts?: { readonly telemetry?: { readonly metadata?: string | undefined } | undefined } | undefined;
}

export interface JobSubject {
  /** What is done: `step`, `wake`, `finalize`, `alert`. */
  readonly name: string;
  readonly canary: { readonly namespace: string; readonly name: string };
  readonly job: CausedJob;
  readonly slot?: number | undefined;
}

/** Does the job as a span, and has every line that is logged meanwhile say whose it is. */
export function asJob<T>(
  tracing: Tracing,
  { name, canary: { namespace, name: canaryName }, job, slot }: JobSubject,
  work: (span: SpanUnderWay) => Promise<T>,
): Promise<T> {
  const canary = `${namespace}/${canaryName}`;
  const span = {
    name,
    kind: 'consumer',
    parent: job.opts?.telemetry?.metadata,
    attributes: { 'aviary.canary': canary, 'messaging.message.id': job.id ?? '' },
    // A job that comes again has not failed.
    isFailure: (error: unknown) => !(error instanceof DelayedError),
  } as const;
  return tracing.during(span, (underWay) => {
    const traceId = traceIdOf(tracing.traceparent());
    const fields = { canary, namespace, job: job.id, ...(slot !== undefined && { slot }), ...(traceId && { traceId }) };
    return withLogFields(fields, () => work(underWay));
  });
}
