/** Schema of `spec.analysis`. Rules: canary-api.md section 4. */
import { z } from 'zod';
import { present } from '../parse-fields.ts';
import type { SessionAffinity } from '../spec.ts';
import { alertsSchema, metricsSchema, webhooksSchema } from './checks.ts';
import {
  anyInteger,
  durationPattern,
  flag,
  integer,
  oneOf,
  optionalFlag,
  optionalText,
  requiredText,
} from './fields.ts';
import { analysisMatches } from './match.ts';

const DEFAULT_COOKIE_AGE_SECONDS = 86_400;

const ascendingWeights = 'ascending integers from 1 to 100';
const share = { error: 'an integer from 1 to 100' };

const stepWeights = z
  .array(z.number(share).pipe(z.number(share).int(share)), { error: ascendingWeights })
  .optional()
  .default([])
  .transform((weights) => weights.map((weight) => Math.min(weight, 100)))
  .refine((weights) => weights.every((weight, index) => weight > (weights[index - 1] ?? 0)), {
    error: ascendingWeights,
  });

const percent = integer(0, 100);
/** A share may grow by more than there is, as in the reference: then it takes what is left. */
const growth = integer(0);

const sessionAffinity = z
  .object(
    {
      cookieName: requiredText.meta({ description: 'Cookie of the users who have seen the canary.' }),
      primaryCookieName: optionalText.meta({
        description: 'Cookie of the users who have seen the primary.',
        whenAbsent: 'none: they may change to the canary at any step',
      }),
      maxAge: integer(0).optional().meta({
        description: 'How long a user stays with what he has seen, in seconds. 0 means the default.',
        storedDefault: DEFAULT_COOKIE_AGE_SECONDS,
      }),
      domain: optionalText.meta({ description: 'Attribute Domain of the cookies.' }),
      path: optionalText.meta({ description: 'Attribute Path of the cookies.' }),
      httpOnly: optionalFlag.meta({ description: 'Attribute HttpOnly of the cookies.' }),
      partitioned: optionalFlag.meta({ description: 'Attribute Partitioned of the cookies.' }),
      secure: optionalFlag.meta({ description: 'Attribute Secure of the cookies.' }),
      sameSite: oneOf(['Strict', 'Lax', 'None']).optional().meta({ description: 'Attribute SameSite of the cookies.' }),
    },
    { error: 'an object with a cookieName' },
  )
  .meta({
    description: 'Users stay with what they have seen, by a cookie.',
    rules: [
      {
        rule: "!has(self.primaryCookieName) || self.cookieName == '' || self.cookieName != self.primaryCookieName",
        message: "can't use the same cookie name for both primary and cookie name; please update them to be different",
        fieldPath: '.primaryCookieName',
      },
    ],
  })
  .transform(
    (raw): SessionAffinity =>
      present({
        cookieName: raw.cookieName,
        primaryCookieName: raw.primaryCookieName,
        maxAge: raw.maxAge || DEFAULT_COOKIE_AGE_SECONDS,
        // The order is that of the Set-Cookie header.
        attributes: present({
          Domain: raw.domain,
          HttpOnly: raw.httpOnly,
          Partitioned: raw.partitioned,
          Path: raw.path,
          SameSite: raw.sameSite,
          Secure: raw.secure,
        }) as Record<string, string | boolean>,
      }),
  );

/** `spec.analysis` as it is written; left out altogether it is the empty analysis. */
export const analysisSchema = z.object(
  {
    interval: z
      .string({ error: 'a duration like 1m' })
      .optional()
      .default('')
      .meta({
        description: 'Time between two steps, at least 1s.',
        whenAbsent: '60s',
        admitted: { pattern: durationPattern },
      }),
    threshold: anyInteger.optional().default(1).meta({ description: 'Failed checks that roll the run back.' }),
    iterations: anyInteger.optional().default(0).meta({
      description: 'Number of steps of an A/B run (with match) or a Blue/Green run (without).',
    }),
    stepWeight: growth.optional().default(0).meta({
      description: "How much the canary's share grows in a step, in percent.",
    }),
    stepWeights: stepWeights.meta({
      description: "The canary's shares one by one, in percent, ascending. The last is the largest.",
    }),
    maxWeight: z.number(share).pipe(z.number(share).int(share).max(100, share)).optional().default(100).meta({
      description: 'Largest share of the canary in percent, before it is promoted. Not used with stepWeights.',
    }),
    stepWeightPromotion: growth.optional().default(0).meta({
      description: "How much the primary's share grows in a step of the promotion. 0 moves all at once.",
    }),
    match: analysisMatches.meta({
      description: 'Requests that see the canary: those that meet one of the items.',
      whenAbsent: 'all',
    }),
    mirror: flag.meta({ description: 'Copy requests to the canary before it gets its own.' }),
    mirrorWeight: percent
      .optional()
      .meta({ description: 'Percent of the requests that are copied.', whenAbsent: 'all' }),
    primaryReadyThreshold: percent.optional().default(100).meta({
      description: "Percent of the primary's pods that have to be available.",
    }),
    canaryReadyThreshold: percent.optional().default(100).meta({
      description: "Percent of the target's pods that have to be available.",
    }),
    metrics: metricsSchema.meta({ description: 'Checks of every step. One that fails makes the step a failed one.' }),
    alerts: alertsSchema.meta({
      description: 'Who is told.',
      whenAbsent: 'the receiver of the installation, if it has one',
    }),
    webhooks: webhooksSchema.meta({
      description: 'Gates, load tests, checks of your own, and what listens to events.',
    }),
    sessionAffinity: sessionAffinity.optional(),
  },
  { error: 'an object' },
);
