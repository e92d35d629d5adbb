/** What may befall canaries that share the places of runs. */
import fc from 'fast-check';
import type { RunLimits } from '../../../../worker/runs/places.ts';
import type { Quality } from '../incidents.ts';
import { intervals, shape } from '../shape.ts';
import type { Shape } from '../shape.ts';

export type Happening =
  /** Each of these is given another image, all at the same time. */
  | { readonly kind: 'release'; readonly of: readonly number[]; readonly quality: Quality }
  /** The user goes back to what the primary runs. */
  | { readonly kind: 'takeBack'; readonly of: number }
  /** The worker dies in the next step: before or after an action, or having saved and before it has kept the place. */
  | { readonly kind: 'crash'; readonly of: number; readonly action: number; readonly when: When }
  /** Another worker takes the next step at the same time, before the n-th action of the first. */
  | { readonly kind: 'overtaken'; readonly of: number; readonly action: number }
  /** The first status of the next step cannot be saved. */
  | { readonly kind: 'unsaved'; readonly of: number }
  | { readonly kind: 'jobLost'; readonly of: number; readonly slots: number }
  /**
   * Redis is emptied, at once or before the n-th action of a step whose worker may die when it has saved, and no worker
   * hears of a status for so long.
   */
  | { readonly kind: 'emptied'; readonly during?: At | undefined; readonly deafMs: number }
  /** A worker's watch tells it nothing for so long, in milliseconds. */
  | { readonly kind: 'deaf'; readonly worker: number; readonly ms: number }
  /** Pods of the primary are not ready: who waits does not ask, and promotions fail. */
  | { readonly kind: 'disturb'; readonly of: number; readonly workload: 'target' | 'primary'; readonly ms: number }
  | { readonly kind: 'refuse'; readonly of: number; readonly hook: 'confirm-rollout' | 'rollback'; readonly ms: number }
  | { readonly kind: 'suspend'; readonly of: number; readonly isIt: boolean }
  | { readonly kind: 'delete'; readonly of: number }
  | { readonly kind: 'passes'; readonly ms: number };

interface At {
  readonly of: number;
  readonly action: number;
  readonly dies: boolean;
}

type When = 'before' | 'after' | 'saved';

export interface CrowdShape {
  readonly members: readonly (Shape & { readonly interval: string; readonly home: number })[];
  readonly limits: RunLimits;
}

export const workers = 3;
export const mostMembers = 7;
/** Later than that no watch hears of a status (decision record 0024). */
const mostDeafMs = 14_000;

const member = fc.nat({ max: mostMembers - 1 });
const action = fc.integer({ min: 1, max: 16 });
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const kind = <K extends Happening['kind']>(name: K): fc.Arbitrary<K> => fc.constant(name);
const often = (weight: number, arbitrary: fc.Arbitrary<Happening>) => ({ weight, arbitrary });

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  often(
    7,
    fc.record({
      kind: kind('release'),
      of: fc.uniqueArray(member, { minLength: 1 }),
      quality: fc.constantFrom<Quality>('good', 'good', 'failing', 'slow', 'broken'),
    }),
  ),
  often(2, fc.record({ kind: kind('takeBack'), of: member })),
  often(
    6,
    fc.record({ kind: kind('crash'), of: member, action, when: fc.constantFrom<When>('before', 'after', 'saved') }),
  ),
  often(2, fc.record({ kind: kind('overtaken'), of: member, action })),
  often(2, fc.record({ kind: kind('unsaved'), of: member })),
  often(2, fc.record({ kind: kind('jobLost'), of: member, slots: fc.integer({ min: 1, max: 12 }) })),
  often(
    3,
    fc.record({
      kind: kind('emptied'),
      during: optional(fc.record({ of: member, action, dies: fc.boolean() })),
      deafMs: fc.integer({ min: 0, max: mostDeafMs }),
    }),
  ),
  often(
    2,
    fc.record({
      kind: kind('deaf'),
      worker: fc.nat({ max: workers - 1 }),
      ms: fc.integer({ min: 1_000, max: mostDeafMs }),
    }),
  ),
  often(
    2,
    fc.record({
      kind: kind('disturb'),
      of: member,
      workload: fc.constantFrom('target', 'primary'),
      ms: fc.integer({ min: 1, max: 120_000 }),
    }),
  ),
  often(
    2,
    fc.record({
      kind: kind('refuse'),
      of: member,
      hook: fc.constantFrom('confirm-rollout', 'rollback'),
      ms: fc.integer({ min: 1, max: 120_000 }),
    }),
  ),
  often(1, fc.record({ kind: kind('suspend'), of: member, isIt: fc.boolean() })),
  often(1, fc.record({ kind: kind('delete'), of: member })),
  often(12, fc.record({ kind: kind('passes'), ms: fc.integer({ min: 500, max: 150_000 }) })),
);

const limit = (max: number) => optional(fc.integer({ min: 1, max }));

export const crowdShape: fc.Arbitrary<CrowdShape> = fc.record({
  members: fc.array(
    fc.tuple(shape, fc.constantFrom(...intervals), fc.nat({ max: 2 })).map(([given, interval, home]) => ({
      ...given,
      interval,
      home,
    })),
    { minLength: 2, maxLength: mostMembers },
  ),
  limits: fc
    .record({ cluster: limit(3), namespace: limit(2), first: limit(2), weight: fc.constantFrom(1, 1, 2) })
    .map(({ cluster, namespace, first, weight }) => ({
      cluster: cluster ?? (namespace === undefined && first === undefined ? 1 : undefined),
      namespace,
      ofNamespaces: new Map(first === undefined ? [] : [['team-0', first]]),
      weights: new Map([['team-1', weight]]),
    })),
});
