/**
 * Schema of a Canary's `status`. Nothing in it is ever a problem: what can't be read counts as absent.
 *
 * Rules: canary-api.md section 6. `run` and `outbox` are ours; the reference's definition drops them.
 */
import { z } from 'zod';
import { Phase, type Announcement, type CanaryStatus, type Run } from '../canary.ts';
import { present } from '../parse-fields.ts';

/** The reference writes some counts below 0. */
const count = z.number().pipe(z.number().int().min(0)).default(0).catch(0);
const optionalText = z
  .string()
  .refine((value) => value !== '')
  .optional()
  .catch(undefined);
const weight = z.number().pipe(z.number().int().min(0).max(100)).default(0).catch(0);
const time = z.string().meta({ admitted: { format: 'date-time' } });
/** A time that is none would count as one that never ends. */
const realTime = time.refine((text) => !Number.isNaN(Date.parse(text)));
const optionalTime = realTime.optional().catch(undefined);
const wholeNumber = z
  .number()
  .int()
  .meta({ admitted: { format: 'int64' } });

/** The reference declares a phase that nobody writes, and the empty one. */
const phase = z.enum(Phase).meta({ admitted: { enum: ['', ...Object.values(Phase), 'Terminated'] } });

/** A time that the API server takes where the object has none: conditions are written back as they were read. */
const unknownTime = '1970-01-01T00:00:00Z';

const condition = z.object({
  type: z.string().meta({ description: 'Promoted, Ready, Queued, Stalled or Stretched.' }),
  status: z
    .string()
    .pipe(z.enum(['True', 'False', 'Unknown']))
    .meta({ description: 'True, False or Unknown.' }),
  reason: z.string().meta({ description: 'The phase, or one word for what is wrong.' }),
  message: z.string().default('').meta({ description: 'What it means, and the way out.' }),
  lastUpdateTime: time.default(unknownTime).meta({ description: 'When anything of it changed.' }),
  lastTransitionTime: time.default(unknownTime).meta({ description: 'When its status changed.' }),
});

const decision = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rollback').meta({ description: 'What was decided.' }),
    cause: z
      .enum(['FailedChecks', 'CheckErrors', 'RollbackHook', 'DeadlineExceeded'])
      .meta({ description: 'Why, of a rollback.' }),
  }),
  z.object({ kind: z.literal('promote') }),
]);

const sizing = z
  .object({
    replicas: z.number().int().min(0).meta({ description: 'Pods at the least.' }),
    own: z.number().int().min(0).meta({ description: "Those among them that served the primary's own share." }),
    since: realTime.meta({ description: 'When they were asked for, or since when the traffic has been there.' }),
  })
  .meta({ description: 'How many pods the primary must have to take the traffic over.' });

const pods = z.number().int().min(0).optional().catch(undefined);
const steady = z
  .object({
    canary: pods.meta({ description: 'Pods of the canary.' }),
    primary: pods.meta({ description: 'Pods of the primary.' }),
  })
  .transform(present)
  .meta({ description: 'How many pods were last seen ready in this run.' });

const run = z
  .object({
    id: z.string().meta({ description: "Names one revision's way from detection to Succeeded or Failed." }),
    lastStepTime: optionalTime.meta({ description: 'When the last step was taken.' }),
    lastSlot: wholeNumber.optional().meta({ description: 'Number of the interval in which it was taken.' }),
    waitingSince: optionalTime.meta({ description: 'Since when the run waits for pods or for a write.' }),
    deadline: optionalTime.meta({ description: 'When that wait has lasted too long.' }),
    drainingSince: optionalTime.meta({ description: "Since when the canary's pods finish their connections." }),
    sizing: sizing.optional().catch(undefined),
    steady: steady.optional().catch(undefined),
    decision: decision.optional().meta({ description: 'Decided, and not carried out in full yet.' }),
    checkErrors: z
      .number()
      .int()
      .min(0)
      .default(0)
      .catch(0)
      .meta({ description: 'Checks in a row that could not be made.' }),
    mirrored: z.boolean().default(false).meta({ description: 'Requests are copied to the canary at the moment.' }),
    owed: z
      .enum(['Succeeded', 'Failed'])
      .optional()
      .meta({ description: 'Outcome that the post-rollout hooks are still to be told.' }),
    said: z.array(z.string()).default([]).meta({ description: 'What is said once per run, and has been.' }),
  } satisfies Record<keyof Run, z.ZodType>)
  .transform((value): Run => present(value));

const id = z.string().meta({ description: 'Names it, so that it is delivered once.' });
const message = z.string().meta({ description: 'Its text.' });

const announcement: z.ZodType<Announcement> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event').meta({ description: 'What it is.' }),
    id,
    type: z.enum(['Normal', 'Warning']).meta({ description: 'Type of the event.' }),
    message,
    phase: phase.meta({ description: 'Phase that event webhooks report.' }),
    checksum: z.string().meta({ description: 'Revision that event webhooks report.' }),
  }),
  z.object({
    kind: z.literal('alert'),
    id,
    severity: z.enum(['info', 'warn', 'error']).meta({ description: 'Severity of the alert.' }),
    message,
    withMetadata: z.boolean().meta({ description: 'Target, threshold, deadline and routing go along.' }),
  }),
  z.object({
    kind: z.literal('count'),
    id,
    outcome: z.enum(['success', 'failure']).meta({ description: 'How the run that is counted ended.' }),
    analysis: z.enum(['completed', 'skipped']).meta({ description: 'Whether it was analysed.' }),
  }),
]);

export const conditionsSchema = listOf(condition);

/** `status` as it is written. */
export const statusSchema = z
  .object({
    phase: phase.optional().catch(undefined).meta({ description: 'Where the Canary is.' }),
    failedChecks: count.meta({ description: 'Failed checks of the run.' }),
    canaryWeight: weight.meta({ description: "The canary's share of the traffic in percent." }),
    iterations: count.meta({ description: 'Steps of an A/B or Blue/Green run so far.' }),
    trackedConfigs: z.record(z.string(), z.string()).optional().catch(undefined).meta({
      description: 'Checksums of the ConfigMaps and Secrets of the revision that was taken up last.',
    }),
    lastAppliedSpec: optionalText.meta({ description: 'The revision that was taken up last.' }),
    lastPromotedSpec: optionalText.meta({ description: 'The revision that the primary serves.' }),
    lastTransitionTime: time.optional().catch(undefined).meta({ description: 'When the phase changed.' }),
    sessionAffinityCookie: optionalText.meta({ description: 'Cookie of the users who see the canary.' }),
    previousSessionAffinityCookie: optionalText.meta({ description: 'That cookie in the run before.' }),
    primarySessionAffinityCookie: optionalText.meta({ description: 'Cookie of the users who see the primary.' }),
    conditions: conditionsSchema.meta({ description: 'What can be waited for, and what is wrong.' }),
    observedGeneration: wholeNumber.optional().catch(undefined).meta({
      description: 'Generation of the object that this status is about.',
    }),
    run: run.optional().catch(undefined).meta({ description: 'What is known of the last run.' }),
    outbox: listOf(announcement).meta({
      description: 'Events, alerts and counts that follow from this status and are not known to be delivered.',
    }),
  } satisfies Record<keyof CanaryStatus, z.ZodType>)
  .meta({ description: 'What has come of it. Written by the workers only.' });

/** A list without the items that can't be read. */
function listOf<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.preprocess(
    (value) => (Array.isArray(value) ? value.filter((one) => item.safeParse(one).success) : []),
    z.array(item).default([]),
  );
}
