/** Logs by hand: a canary that was initialized and has had one run by weights, without a flaw; tests put one in. */
import type { Announcement, Phase, Run } from '../../canary/canary.ts';
import { flaggerId, idempotencyKey } from '../../canary/identity.ts';
import { decidedRevision } from '../../canary/revision.ts';
import { dueAt } from '../../canary/slot.ts';
import type { Evidence, History, RouteState, State } from '../../chaos/judge/evidence.ts';
import type { ScriptName } from '../../chaos/scripts/cast.ts';
import { strategies } from '../../chaos/world/objects.ts';
import type { AlertCall, HookCall } from '../../chaos/world/receiver.ts';

export const canary = 'team-1/weighted-1';
export const uid = '0c2f4a3e-7b1d-4e5f-8a6b-9c0d1e2f3a4b';
export const run = 'aaaaaaaaaaaa';
export const intervalMs = 2_000;
const firstSlot = 1_000_000;

/** Epoch milliseconds at which the slot of this number, from 0, is due. */
export const slotTime = (slot: number): number => dueAt({ uid, intervalMs }, firstSlot + slot);
export const slotNumber = (slot: number): number => firstSlot + slot;

const instant = (at: number): string => new Date(at).toISOString();

/** One status: the phase, the weight and the slot of its step. */
export interface Told {
  readonly phase: Phase;
  readonly weight?: number;
  readonly slot?: number;
  /** Milliseconds after the slot was due at which its step began. */
  readonly lateMs?: number;
  /** Slot in which the phase began. */
  readonly since?: number;
  readonly deciding?: boolean;
  /** Its step has left no time. */
  readonly timeless?: boolean;
  /** Text of an alert that lies in the outbox. */
  readonly owes?: string;
}

const stateOf = (told: Told, index: number): State => {
  const { phase, weight = 0, slot = 0, lateMs = 5, since = 0, owes } = told;
  const isStarted = phase !== 'Initializing' && phase !== 'Initialized';
  const at = slotTime(slot) + lateMs;
  return {
    revision: 100 + 10 * index,
    at,
    atLatest: at,
    source: `audit.log:${index + 1}`,
    deleting: phase === 'Terminating',
    status: {
      phase,
      canaryWeight: weight,
      failedChecks: 0,
      iterations: 0,
      conditions: [],
      outbox: owes === undefined ? [] : [announced(owes)],
      lastAppliedSpec: isStarted ? 'v1-two' : 'v1-one',
      lastTransitionTime: instant(slotTime(since)),
      ...(isStarted ? { run: runAt(told, at) } : {}),
    },
  };
};

const announced = (message: string): Announcement => ({
  kind: 'alert',
  id: `${run} ${message}`,
  severity: 'info',
  message,
  withMetadata: false,
});

const runAt = ({ slot = 0, deciding = false, timeless = false }: Told, at: number): Run => ({
  id: run,
  lastSlot: slotNumber(slot),
  ...(timeless ? {} : { lastStepTime: instant(at) }),
  checkErrors: 0,
  mirrored: false,
  said: [],
  ...(deciding ? { decision: { kind: 'promote' } } : {}),
});

/** A run as it should be. */
export const goodRun: readonly Told[] = [
  { phase: 'Initializing' },
  { phase: 'Initialized', since: 1 },
  { phase: 'Progressing', slot: 2, since: 2 },
  { phase: 'Progressing', slot: 3, weight: 20, since: 2 },
  { phase: 'Progressing', slot: 4, weight: 40, since: 2 },
  { phase: 'Progressing', slot: 5, weight: 60, since: 2 },
  { phase: 'Progressing', slot: 5, weight: 60, since: 2, deciding: true },
  { phase: 'Promoting', slot: 6, weight: 60, since: 6 },
  { phase: 'Finalising', slot: 7, since: 7 },
  { phase: 'Succeeded', slot: 7, since: 8 },
];

export const aHistory = (told: readonly Told[] = goodRun, script: ScriptName = 'weighted'): History => ({
  canary,
  uid,
  role: { place: { namespace: 'team-1', name: 'weighted-1' }, script, strategy: strategies.weights, intervalMs },
  states: told.map(stateOf),
});

/** Routes that were written right before the statuses that tell their weights. */
const routesOf = ({ states }: History): readonly RouteState[] =>
  states.flatMap(({ revision, status }) => {
    const { canaryWeight: weight } = status;
    const shares = [[100 - weight, weight]];
    return status.phase === 'Initializing' ? [] : [aRoute({ revision: revision - 5, shares })];
  });

export const aRoute = (changes: Partial<RouteState>): RouteState => ({
  canary,
  revision: 1,
  source: 'etcd revision 1',
  shares: [[100, 0]],
  ...changes,
});

/** The check of a slot, passed, in a run by weights. */
export const aCheck = (slot: number, changes: Partial<HookCall> = {}): HookCall =>
  aCall('check', slot, { type: 'rollout', ...changes });
/** The same of the gate of its promotion. */
export const aGate = (slot: number, changes: Partial<HookCall> = {}): HookCall =>
  aCall('gate', slot, { type: 'confirm-promotion', ...changes });

function aCall(
  hook: HookCall['hook'],
  slot: number,
  { type, ...changes }: Partial<HookCall> & { readonly type: string },
): HookCall {
  const at = slotTime(slot) + 10;
  const asked = `${type}/${hook}/Progressing/bcd`;
  const key = idempotencyKey({ canary: { uid }, run, slot: slotNumber(slot), hook: asked });
  return { at, canary, hook, key, phase: 'Progressing', checksum: 'bcd', passed: true, ...changes };
}

export const anAlert = (text: string, at = slotTime(8)): AlertCall => ({ at, canary, text });
export const goodAlerts: readonly AlertCall[] = [
  anAlert('New Deployment detected, initialization completed.'),
  anAlert('New revision detected, progressing canary analysis.'),
  anAlert('Canary analysis completed successfully, promotion finished.'),
];

/** The annotation of the revision that a status was decided on: of the run, unless told otherwise. */
export const analysed = (index = -1): string => {
  const state = aHistory().states.at(index);
  if (state === undefined) throw new Error('expected a run with states');
  return flaggerId({ uid }, decidedRevision(state.status));
};

/** What a run without a flaw leaves behind, with changes. */
export const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  histories: [aHistory()],
  routes: (changes.histories ?? [aHistory()]).flatMap(routesOf),
  primaryWrites: [
    { canary, at: 0, revision: 105, source: 'audit.log:1', image: 'app:1', flaggerId: 'first' },
    { canary, at: 0, revision: 165, source: 'audit.log:9', image: 'app:2', flaggerId: analysed() },
  ],
  statusWrites: aHistory().states.map(({ at, source, revision }) => ({
    canary,
    at,
    source,
    agent: 'worker',
    revision,
  })),
  hooks: [3, 4, 5].map((slot) => aCheck(slot)),
  alerts: goodAlerts,
  endings: [{ canary, round: 1, from: 0, at: 1 }],
  faults: [],
  ...changes,
});
