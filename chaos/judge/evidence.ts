/** What a run leaves behind, in the form in which it is judged. */
import type { CanaryStatus, Phase } from '../../canary/canary.ts';
import type { FaultSpan } from '../faults/fault.ts';
import type { Role } from '../scripts/cast.ts';
import type { Ending } from '../scripts/play.ts';
import type { AlertCall, HookCall } from '../world/receiver.ts';

/** A status as it was stored. */
export interface State {
  readonly revision: number;
  /** Epoch milliseconds; of the write, or of the one before where the audit log does not know it. */
  readonly at: number;
  /** Epoch milliseconds; of the write, or of the next one that the audit log knows; infinite where there is none. */
  readonly atLatest: number;
  /** Where it can be looked up, as `audit.log:120` or `etcd revision 812`. */
  readonly source: string;
  readonly status: CanaryStatus;
  readonly deleting: boolean;
}

/** One Canary from its creation to its end. */
export interface History {
  /** `{namespace}/{name}`. */
  readonly canary: string;
  readonly uid: string;
  readonly role: Role;
  /** In the order in which they were stored; the statuses of two neighbours differ. */
  readonly states: readonly State[];
}

/** A route as it was stored. */
export interface RouteState {
  readonly canary: string;
  readonly revision: number;
  readonly source: string;
  /** Of each of its rules that splits: the shares in their order. */
  readonly shares: readonly (readonly number[])[];
}

/** A write to the primary's Deployment, status excepted. */
export interface PrimaryWrite {
  readonly canary: string;
  readonly at: number;
  readonly revision: number;
  readonly source: string;
  readonly image: string;
  /** Annotation of the template that names Canary and revision. */
  readonly flaggerId: string;
}

/** A write of a Canary's status that the API server has taken. */
export interface StatusWrite {
  readonly canary: string;
  readonly at: number;
  readonly source: string;
  readonly agent: string;
  /** Version of the Canary afterwards: the same as before where nothing changed. */
  readonly revision: number;
}

export interface Evidence {
  readonly histories: readonly History[];
  readonly routes: readonly RouteState[];
  readonly primaryWrites: readonly PrimaryWrite[];
  readonly statusWrites: readonly StatusWrite[];
  readonly hooks: readonly HookCall[];
  readonly alerts: readonly AlertCall[];
  readonly endings: readonly Ending[];
  readonly faults: readonly FaultSpan[];
}

/** Something that must never be. */
export interface Violation {
  /** The rule in a few words, e.g. `weights sum to 100`. */
  readonly rule: string;
  readonly canary: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly what: string;
  /** Lines of the logs that show it. */
  readonly lines: readonly string[];
}

/** What a rule has found, and how much it has looked at: a rule that was shown nothing has proven nothing. */
export interface Ruling {
  /** As its violations name it. */
  readonly rule: string;
  /** Steps, questions, writes or whatever else the rule is about. */
  readonly looked: number;
  readonly violations: readonly Violation[];
}

/** One ruling of those on parts of the evidence. */
export const together = (rule: string, parts: readonly Omit<Ruling, 'rule'>[]): Ruling => ({
  rule,
  looked: parts.reduce((sum, { looked }) => sum + looked, 0),
  violations: parts.flatMap(({ violations }) => violations),
});

/** The states with which a phase begins. */
export const entered = ({ states }: Pick<History, 'states'>, phase: Phase): readonly State[] =>
  states.filter((state, index) => state.status.phase === phase && states[index - 1]?.status.phase !== phase);

/** Each of a list with the one before it. */
export const neighbours = <T>(items: readonly T[]): readonly (readonly [T, T])[] =>
  items.slice(1).flatMap((item, index) => {
    const before = items[index];
    return before === undefined ? [] : [[before, item] as const];
  });

/** How a state is quoted. */
export const quote = ({ source, status }: State): string => {
  const { phase, canaryWeight, iterations, failedChecks, lastTransitionTime, run } = status;
  const { id, lastSlot, lastStepTime, decision } = run ?? {};
  const shown = {
    phase,
    canaryWeight,
    iterations,
    failedChecks,
    lastTransitionTime,
    run: { id, lastSlot, lastStepTime, decision },
  };
  return `${source}: ${JSON.stringify(shown)}`;
};
