/** What one step may do to a Canary and its cluster, for as long as nobody else has written the Canary. */
import type { Action, Outcome } from '../../canary/action.ts';
import type { Announcement, CanaryStatus } from '../../canary/canary.ts';
import type { StepTime } from '../../canary/step.ts';
import type { SimulatedCluster } from './cluster.ts';
import type { Saving, StepWorld } from './run-step.ts';
import type { StoredCanary } from './stored-canary.ts';

/** Dies before or after the n-th action of a step, or the n-th of a kind (saving counts as one). */
export interface Crash {
  readonly action: number;
  readonly of?: Action['kind'] | undefined;
  readonly when: 'before' | 'after';
}

export interface StepOptions {
  readonly crash?: Crash;
  /** Told of every action that a crash may meet, right before it. */
  readonly watch?: (effect: Action | Saving) => void;
  /** Something that happens right before the n-th action. */
  readonly before?: { readonly action: number; readonly run: () => void };
  /** Actions that fail in this step, by kind. */
  readonly failing?: ReadonlySet<Action['kind']>;
  /** They have been carried out all the same: it is the answer that is lost. */
  readonly isAnswerLost?: boolean;
}

/** The worker was killed. */
export class Died extends Error {}
/** Somebody else has written the Canary since this step read it: what a worker's fence comes upon. */
export class Overtaken extends Error {}

export interface StepParts {
  readonly stored: StoredCanary;
  readonly cluster: SimulatedCluster;
  readonly deliver: (announcements: readonly Announcement[], at: number) => void;
  /** Told of what was carried out, and what came of it. */
  readonly onPerformed: (action: Action, outcome: Outcome) => void;
  readonly onSaved: (status: CanaryStatus, at: StepTime) => void;
}

/** @throws Died, Overtaken from every one of its functions */
export function createStepWorld(parts: StepParts, at: StepTime, options: StepOptions): StepWorld {
  const { stored, cluster, deliver } = parts;
  const counted = createMeter(options);
  let version = stored.canary().resourceVersion;
  const isOvertaken = (): boolean => stored.canary().resourceVersion !== version;

  function perform(action: Action): Outcome {
    if (isOvertaken() && !isQuestion(action)) throw new Overtaken();
    const isFailing = options.failing?.has(action.kind) === true;
    if (isFailing && options.isAnswerLost !== true) return unreachable(action.kind);
    const outcome = cluster.perform(action, at.now);
    parts.onPerformed(action, outcome);
    return isFailing ? unreachable(action.kind) : outcome;
  }

  function write(kind: 'record' | 'setFinalizer', effect: () => void): boolean {
    if (isOvertaken() || options.failing?.has(kind) === true) return false;
    effect();
    version = stored.canary().resourceVersion;
    return true;
  }

  function save({ status, announcements }: Saving): void {
    const saved = { ...status, outbox: announcements };
    parts.onSaved(saved, at);
    stored.saveStatus(saved);
  }

  return {
    perform: (action) => counted(action, () => perform(action)),
    save: (saving) => {
      const isSaved = counted(saving, () => write('record', () => save(saving)));
      if (isSaved) deliver(saving.announcements, at.now);
      return isSaved;
    },
    setFinalizer: (present) =>
      counted({ kind: 'setFinalizer', present }, () => write('setFinalizer', () => stored.setFinalizer(present))),
    announce: (announcements) => deliver(announcements, at.now),
  };
}

/** Counts the actions of a step and ends it where the options say. */
function createMeter({ crash, before, watch }: StepOptions): <T>(what: Action | Saving, effect: () => T) => T {
  let count = 0;
  let ofKind = 0;
  const dieIf = (when: Crash['when'], what: Action | Saving): void => {
    if (crash?.when !== when || (crash.of !== undefined && crash.of !== what.kind)) return;
    if (crash.action === (crash.of === undefined ? count : ofKind)) throw new Died();
  };
  return (what, effect) => {
    count += 1;
    if (crash?.of === what.kind) ofKind += 1;
    watch?.(what);
    if (before?.action === count) before.run();
    dieIf('before', what);
    const result = effect();
    dieIf('after', what);
    return result;
  };
}

const unreachable = (kind: string): Outcome => ({
  ok: false,
  failure: { reason: 'unavailable', message: `${kind}: the API server is gone` },
});

/** Fences stand before what writes. */
export const isQuestion = ({ kind }: Action | Saving): boolean =>
  kind.startsWith('observe') || kind === 'queryMetric' || kind === 'together' || kind === 'callHook';
