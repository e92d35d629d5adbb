/**
 * Parses `status`, which may have been written by us, by an older version of ours or by the reference.
 *
 * Nothing in it is ever a problem: what can't be read counts as absent. Rules: canary-api.md section 6.
 */
import { z } from 'zod';
import { Phase, type Announcement, type CanaryStatus, type Run } from './canary.ts';
import { present } from './parse-fields.ts';

const count = z.number().int().min(0).catch(0);
const optionalText = z.string().min(1).optional().catch(undefined);
const phase = z.enum(Phase);
const weight = z.number().int().min(0).max(100).catch(0);

/** A time that the API server takes where the object has none: conditions are written back as they were read. */
const unknownTime = '1970-01-01T00:00:00Z';

const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string().default(''),
  lastUpdateTime: z.string().default(unknownTime),
  lastTransitionTime: z.string().default(unknownTime),
});

/** A time that is none would count as one that never ends. */
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const optionalTime = time.optional().catch(undefined);
const pods = z.number().int().min(0).optional().catch(undefined);

const run = z
  .object({
    id: z.string(),
    lastStepTime: optionalTime,
    lastSlot: z.number().optional(),
    waitingSince: optionalTime,
    deadline: optionalTime,
    drainingSince: optionalTime,
    sizing: z
      .object({ replicas: z.number().int().min(0), since: time })
      .optional()
      .catch(undefined),
    steady: z.object({ canary: pods, primary: pods }).transform(present).optional().catch(undefined),
    decision: z
      .discriminatedUnion('kind', [
        z.object({
          kind: z.literal('rollback'),
          cause: z.enum(['FailedChecks', 'CheckErrors', 'RollbackHook', 'DeadlineExceeded']),
        }),
        z.object({ kind: z.literal('promote') }),
      ])
      .optional(),
    checkErrors: count,
    mirrored: z.boolean().default(false),
    owed: z.enum(['Succeeded', 'Failed']).optional(),
    said: z.array(z.string()).default([]),
  } satisfies Record<keyof Run, z.ZodType>)
  .transform((value): Run => present(value));

const announcement: z.ZodType<Announcement> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event'),
    id: z.string(),
    type: z.enum(['Normal', 'Warning']),
    message: z.string(),
    phase,
    checksum: z.string(),
  }),
  z.object({
    kind: z.literal('alert'),
    id: z.string(),
    severity: z.enum(['info', 'warn', 'error']),
    message: z.string(),
    withMetadata: z.boolean(),
  }),
  z.object({
    kind: z.literal('count'),
    id: z.string(),
    outcome: z.enum(['success', 'failure']),
    analysis: z.enum(['completed', 'skipped']),
  }),
]);

const statusSchema = z.object({
  phase: phase.optional().catch(undefined),
  failedChecks: count,
  canaryWeight: weight,
  iterations: count,
  previousSessionAffinityCookie: optionalText,
  sessionAffinityCookie: optionalText,
  primarySessionAffinityCookie: optionalText,
  trackedConfigs: z.record(z.string(), z.string()).optional().catch(undefined),
  lastAppliedSpec: optionalText,
  lastPromotedSpec: optionalText,
  lastTransitionTime: optionalText,
  conditions: listOf(condition),
  observedGeneration: z.number().int().optional().catch(undefined),
  run: run.optional().catch(undefined),
  outbox: listOf(announcement),
} satisfies Record<keyof CanaryStatus, z.ZodType>);

/** Reads the status; absent, it is the status of an object that no controller has seen. */
export function parseStatus(raw: unknown): CanaryStatus {
  const parsed = statusSchema.safeParse(typeof raw === 'object' && raw !== null ? raw : {});
  // Every field has a fallback, so only a value that is no object could fail, and that has been replaced.
  return parsed.success
    ? present(parsed.data)
    : { failedChecks: 0, canaryWeight: 0, iterations: 0, conditions: [], outbox: [] };
}

/** A list without the items that can't be read. */
function listOf<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.preprocess(
    (value) => (Array.isArray(value) ? value.filter((one) => item.safeParse(one).success) : []),
    z.array(item),
  );
}
