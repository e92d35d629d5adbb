/** What became of the steps when a worker was killed. Pure. */
import { nameOf } from '../../platform/kubernetes/object.ts';
import { stepThatAsked } from '../../sandbox/hook-question.ts';
import type { HookCall } from '../stage/hooks.ts';
import type { Inhabitant } from '../world/world.ts';
import type { TakenStep } from './steps-taken.ts';

/** What was seen around the end of a worker. */
export interface KillSeen {
  readonly inhabitants: readonly Inhabitant[];
  /** Epoch milliseconds. */
  readonly killedAt: number;
  /** The canaries, as `namespace/name`, whose step the worker was at. */
  readonly held: readonly string[];
  readonly steps: readonly TakenStep[];
  readonly calls: readonly HookCall[];
}

/** How the canaries went on whose step was lost with its worker. */
export interface Resumption {
  readonly held: number;
  /** Those that have not gone on for as long as was looked. */
  readonly neverAgain: number;
  /** Milliseconds from the end of the worker to the next step; undefined when none of them went on. */
  readonly longestGapMs: number | undefined;
}

export function resumptionOf({ held, steps, killedAt }: KillSeen): Resumption {
  const gaps = held.flatMap((canary) => {
    const next = steps.find((step) => step.canary === canary && step.at > killedAt);
    return next === undefined ? [] : [next.at - killedAt];
  });
  return {
    held: held.length,
    neverAgain: held.length - gaps.length,
    longestGapMs: gaps.length === 0 ? undefined : Math.max(...gaps),
  };
}

/** How far apart the steps of a run were. */
export interface Distances {
  /** Distances between two steps that were looked at. */
  readonly count: number;
  /** Those that were too short. */
  readonly tooShort: number;
  /** As parts of an interval; undefined for none. */
  readonly least: number | undefined;
  readonly most: number | undefined;
}

/** As the rules have it: two steps of a run are never closer than this part of the interval. */
const leastDistance = 0.9;

export function distancesOf({ inhabitants, steps }: Pick<KillSeen, 'inhabitants' | 'steps'>): Distances {
  const parts = inhabitants.flatMap((inhabitant) => {
    const own = steps.filter(({ canary }) => canary === nameOf(inhabitant));
    return own.slice(1).flatMap((step, index) => {
      const before = own[index];
      const isSameRun = before?.run === step.run;
      return isSameRun ? [(step.at - before.at) / inhabitant.rhythm.intervalMs] : [];
    });
  });
  const isNone = parts.length === 0;
  return {
    count: parts.length,
    tooShort: parts.filter((part) => part < leastDistance).length,
    least: isNone ? undefined : Math.min(...parts),
    most: isNone ? undefined : Math.max(...parts),
  };
}

/** What the hook was asked. */
export interface Questions {
  readonly asked: number;
  /** Those that came again under the key that they had before: a receiver can tell. */
  readonly repeated: number;
  /** Those of a step that had asked before under another key, and those under a key that no step gives. */
  readonly underNewKey: number;
  /** Steps that have asked and were not recorded: the step of a later slot has asked anew. */
  readonly unrecorded: number;
}

export function questionsOf(seen: KillSeen): Questions {
  const perCanary = seen.inhabitants.map((inhabitant) => questionsOfOne(seen, inhabitant));
  const sum = (of: (questions: Questions) => number): number => perCanary.reduce((total, one) => total + of(one), 0);
  return {
    asked: sum(({ asked }) => asked),
    repeated: sum(({ repeated }) => repeated),
    underNewKey: sum(({ underNewKey }) => underNewKey),
    unrecorded: sum(({ unrecorded }) => unrecorded),
  };
}

function questionsOfOne({ steps, calls }: KillSeen, inhabitant: Inhabitant): Questions {
  const own = calls.filter(({ canary }) => canary === nameOf(inhabitant));
  const recorded = steps.filter(({ canary }) => canary === nameOf(inhabitant));
  const runs = [...new Set(recorded.map(({ run }) => run))];
  const keyOfStep = new Map<string, string>();
  const keys = new Set<string>();
  const counts = { asked: own.length, repeated: 0, underNewKey: 0 };
  for (const call of own) {
    const step = stepThatAsked(inhabitant.rhythm, runs, call);
    const name = step === undefined ? undefined : `${step.run} ${step.slot}`;
    if (keys.has(call.key)) counts.repeated += 1;
    else if (name === undefined || keyOfStep.has(name)) counts.underNewKey += 1;
    keys.add(call.key);
    if (name !== undefined) keyOfStep.set(name, call.key);
  }
  const known = new Set(recorded.map(({ run, slot }) => `${run} ${slot}`));
  return { ...counts, unrecorded: [...keyOfStep.keys()].filter((name) => !known.has(name)).length };
}
