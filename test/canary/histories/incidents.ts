/** What may befall a canary, slot by slot. */
import fc from 'fast-check';
import type { Action } from '../../../canary/action.ts';
import { hookTypes } from '../../../canary/spec.ts';
import type { HookType } from '../../../canary/spec.ts';
import { analyses, intervals } from './shape.ts';

export type Incident =
  | { readonly kind: 'release'; readonly quality: Quality }
  /** A ConfigMap of the target is changed, and nothing else. */
  | { readonly kind: 'configure'; readonly quality: 'good' | 'failing' }
  | { readonly kind: 'disturb'; readonly workload: 'target' | 'primary'; readonly forMs: number }
  /** Somebody deletes the primary. */
  | { readonly kind: 'primaryLost' }
  /** Somebody takes pods of the primary away. */
  | { readonly kind: 'shrink'; readonly to: number }
  /** Somebody edits the routes. */
  | { readonly kind: 'reroute'; readonly canary: number }
  /** A type of hooks is answered the other way: gates shut, checks fail, a roll-back is wanted. */
  | { readonly kind: 'refuse'; readonly hook: HookType; readonly slots: number }
  | { readonly kind: 'prometheusLost'; readonly slots: number }
  | { readonly kind: 'jobLost' }
  | { readonly kind: 'jobDoubled' }
  | { readonly kind: 'jobLate'; readonly byMs: number }
  /** Another worker takes the job over within the slot, or the next slot finds what is left. */
  | {
      readonly kind: 'crash';
      readonly action: number;
      readonly when: 'before' | 'after';
      readonly isTakenOver: boolean;
    }
  /** The same, at a write of the routes. */
  | { readonly kind: 'crashAtRoutes'; readonly action: number; readonly isTakenOver: boolean }
  /** Before the n-th action another worker takes the step, and this one goes on when that is through. */
  | { readonly kind: 'overtaken'; readonly action: number }
  /** A user writes the Canary right before the n-th action, and nothing in it that counts. */
  | { readonly kind: 'touched'; readonly action: number }
  /** With `isAnswerLost` the server has done what it was asked for. */
  | { readonly kind: 'apiError'; readonly action: Action['kind']; readonly isAnswerLost: boolean }
  /** A user changes the image while a step is under way, right before its n-th action. */
  | { readonly kind: 'releaseDuring'; readonly action: number; readonly quality: 'good' | 'failing' }
  /** The user edits the analysis: weights, strategy, threshold, and whether there are gates. */
  | { readonly kind: 'edit'; readonly analysis: number; readonly threshold: number; readonly hasGates: boolean }
  | { readonly kind: 'changeInterval'; readonly interval: string }
  | { readonly kind: 'suspend'; readonly slots: number }
  /** The user deletes the Canary, which gives its traffic back to the target whatever befalls it meanwhile. */
  | { readonly kind: 'delete' }
  /** The user wants that, or no longer. */
  | { readonly kind: 'revert'; readonly isWanted: boolean }
  | { readonly kind: 'quiet'; readonly slots: number };

export type Quality = 'good' | 'failing' | 'slow' | 'broken';

const failable: readonly Action['kind'][] = [
  'observeTarget',
  'observeMetricProviders',
  'observeEndpoints',
  'observeNamespace',
  'callHook',
  'queryMetric',
  'ensureServices',
  'ensureApex',
  'ensurePrimary',
  'ensureScaler',
  'sizePrimary',
  'ensureRoutes',
  'scaleTarget',
  'promote',
  'resumeScaler',
  'restoreTarget',
  'restoreApex',
  'restoreRoutes',
  'setFinalizer',
  'record',
];

/** Of those that the rules ask. */
const askedHooks = hookTypes.filter((type) => type !== 'event');

type Kind = Incident['kind'];

/** A kind of incident, how often it happens, and what there is to be drawn for it. */
function seldom<K extends Kind>(
  weight: number,
  kind: K,
  fields: {
    [F in Exclude<keyof Extract<Incident, { kind: K }>, 'kind'>]: fc.Arbitrary<Extract<Incident, { kind: K }>[F]>;
  },
): { weight: number; arbitrary: fc.Arbitrary<Incident> } {
  const drawn: object = { kind: fc.constant(kind), ...fields };
  return { weight, arbitrary: fc.record(drawn) as unknown as fc.Arbitrary<Incident> };
}

const action = fc.integer({ min: 1, max: 16 });
const slots = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const isIt = fc.boolean();

export const incident: fc.Arbitrary<Incident> = fc.oneof(
  seldom(6, 'release', { quality: fc.constantFrom<Quality>('good', 'failing', 'slow', 'broken') }),
  seldom(2, 'configure', { quality: fc.constantFrom('good', 'failing') }),
  seldom(4, 'disturb', {
    workload: fc.constantFrom('target', 'primary'),
    forMs: fc.integer({ min: 1, max: 90_000 }),
  }),
  seldom(1, 'primaryLost', {}),
  seldom(2, 'shrink', { to: fc.integer({ min: 1, max: 2 }) }),
  seldom(2, 'reroute', { canary: fc.constantFrom(0, 30, 100) }),
  seldom(4, 'refuse', { hook: fc.constantFrom(...askedHooks), slots: slots(4) }),
  seldom(1, 'prometheusLost', { slots: slots(7) }),
  seldom(2, 'jobLost', {}),
  seldom(3, 'jobDoubled', {}),
  seldom(3, 'jobLate', { byMs: fc.integer({ min: 1, max: 14_999 }) }),
  seldom(8, 'crash', { action, when: fc.constantFrom('before', 'after'), isTakenOver: isIt }),
  seldom(4, 'crashAtRoutes', { action: fc.integer({ min: 1, max: 2 }), isTakenOver: isIt }),
  seldom(3, 'overtaken', { action }),
  seldom(3, 'touched', { action }),
  seldom(5, 'apiError', { action: fc.constantFrom(...failable), isAnswerLost: isIt }),
  seldom(4, 'releaseDuring', { action, quality: fc.constantFrom('good', 'failing') }),
  seldom(2, 'edit', {
    analysis: fc.integer({ min: 0, max: analyses.length - 1 }),
    threshold: fc.integer({ min: 1, max: 5 }),
    hasGates: isIt,
  }),
  seldom(1, 'changeInterval', { interval: fc.constantFrom(...intervals) }),
  seldom(2, 'suspend', { slots: slots(4) }),
  seldom(1, 'delete', {}),
  seldom(1, 'revert', { isWanted: isIt }),
  seldom(16, 'quiet', { slots: slots(6) }),
);
