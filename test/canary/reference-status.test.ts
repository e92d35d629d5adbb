/**
 * Whatever a step of ours saves, the reference can read when a user moves back: its fields have its types, and what we
 * add stands beside them. The types are those of its Go structs, as canary-api.md section 6 lists them.
 */
import test from 'ava';
import { z } from 'zod';
import type { CanaryStatus } from '../../canary/canary.ts';
import { parseStatus } from '../../canary/parse-status.ts';
import { play } from './rows.ts';
import { tables } from './rules.ts';

const text = z.string();
/** `metav1.Time` takes RFC 3339 with or without fractions of a second. */
const time = z.iso.datetime();

const phases =
  'Initializing Initialized Waiting Progressing WaitingPromotion Promoting Finalising Succeeded Failed Terminating Terminated'.split(
    ' ',
  );

const condition = z.strictObject({
  type: text,
  status: z.enum(['True', 'False', 'Unknown']),
  lastUpdateTime: time,
  lastTransitionTime: time,
  reason: text,
  message: text,
});

const reference = z.strictObject({
  phase: z.enum(phases).optional(),
  failedChecks: z.int(),
  canaryWeight: z.int(),
  iterations: z.int(),
  previousSessionAffinityCookie: text.optional(),
  sessionAffinityCookie: text.optional(),
  primarySessionAffinityCookie: text.optional(),
  trackedConfigs: z.record(text, text).optional(),
  lastAppliedSpec: text.optional(),
  lastPromotedSpec: text.optional(),
  lastTransitionTime: time.optional(),
  conditions: z.array(condition),
});

/** Fields that the reference does not know; its definition prunes them. */
const ours = ['observedGeneration', 'run', 'outbox'];

const saved = tables.flatMap(({ about, rows }) =>
  rows.flatMap((row) => {
    const { asked, done } = play(row);
    const recorded = asked.flatMap((action) => (action.kind === 'record' ? [action.status] : []));
    return [...recorded, done.status].map((status) => ({ title: `${about}: ${row.title}`, status }));
  }),
);

/** As it lies in the cluster. */
const written = (status: CanaryStatus): Record<string, unknown> =>
  JSON.parse(JSON.stringify(status)) as Record<string, unknown>;

const seenByReference = (status: CanaryStatus): Record<string, unknown> =>
  Object.fromEntries(Object.entries(written(status)).filter(([field]) => !ours.includes(field)));

test('every status that a row saves has the fields of the reference with their types, and ours beside them', (t) => {
  t.true(saved.length > 300);
  for (const { title, status } of saved) {
    const parsed = reference.safeParse(seenByReference(status));
    t.true(parsed.success, `${title}: ${parsed.error?.message}`);
  }
});

test('the first condition is the reference’s, and names the phase', (t) => {
  for (const { title, status } of saved.filter(({ status: { conditions } }) => conditions.length > 0)) {
    const [first] = status.conditions;
    t.is(first?.type, 'Promoted', title);
    t.is(first?.reason, status.phase ?? 'Initializing', title);
  }
});

test('what the reference hands back without our fields is read as it left it', (t) => {
  for (const { title, status } of saved) {
    const { run: _run, observedGeneration: _generation, ...kept } = status;
    t.deepEqual(parseStatus(seenByReference(status)), { ...kept, outbox: [] }, title);
  }
});
