/** The user of one canary: writes what a user writes, again and again while the API server is away, and looks at what becomes of it. */
import { systemClock as clock } from '../../platform/clock.ts';
import type { CanaryStatus } from '../../canary/canary.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { stringAt } from '../../platform/json.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { canaries, configMaps, deployments, namespaces } from '../../platform/kubernetes/resources.ts';
import { canaryAt, configMapAt, configPlace, deploymentAt, imageOf, keyOf, ownReplicas } from '../world/objects.ts';
import { namespaceOf, primaryAt, primaryConfigAt, releasePatch } from '../world/objects.ts';
import type { Stage } from '../world/stage.ts';
import type { Role } from './cast.ts';

/** Time is up, and what a script waits for is not there. */
export class Unfinished extends Error {
  override readonly name = 'Unfinished';
  readonly expected: string;
  readonly got: string;
  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

export interface Actor {
  readonly role: Role;
  readonly status: () => CanaryStatus | undefined;
  /** Creates target and Canary; resolves when it is initialized. */
  create(): Promise<void>;
  /** Gives the target a new image. */
  release(): Promise<void>;
  changeConfig(): Promise<void>;
  /** A merge patch of the Canary's spec. */
  edit(spec: JsonRecord): Promise<void>;
  remove(): Promise<void>;
  /** Whether the rollout hook, or the gate, says no from now on. */
  refuse(hook: 'check' | 'gate', isRefusing: boolean): void;
  /** @throws Unfinished when time is up */
  until(what: string, look: () => boolean | Promise<boolean>): Promise<void>;
  /** Some intervals. */
  pause(intervals: number): Promise<void>;
  /** Resolves when a run that is not the one before has come to this end, and all that it announced has gone out. */
  ends(phase: 'Succeeded' | 'Failed', before: string | undefined): Promise<void>;
  /** The target serves by itself, as before the Canary. */
  isRestored(): boolean;
}

export interface ActorOptions {
  readonly stage: Stage;
  readonly role: Role;
  /** Aborted when time is up. */
  readonly signal: AbortSignal;
}

const lookMs = 100;
const retryMs = 500;

export function createActor({ stage, role, signal }: ActorOptions): Actor {
  const { view, receiver } = stage;
  const { place, intervalMs } = role;
  const status = (): CanaryStatus | undefined => view.status(place);
  const until: Actor['until'] = (expected, look) =>
    waitUntil({ expected, look, signal, got: () => describe(stage, role) });
  const desk: Desk = {
    stage,
    role,
    until,
    written: { version: 1, config: 1 },
    proven: 1,
    persist: (work) => untilTaken(work, signal),
  };
  return {
    role,
    status,
    until,
    ...writesOf(desk),
    ends: (phase, before) => ends(desk, phase, before),
    refuse: (hook, isRefusing) => receiver.refuse(hook, keyOf(place), isRefusing),
    pause: (intervals) => clock.sleep(intervals * intervalMs, signal),
    isRestored: () => view.workload(place)?.replicas === ownReplicas,
  };
}

/** What the user has before them. */
interface Desk {
  readonly stage: Stage;
  readonly role: Role;
  readonly until: Actor['until'];
  readonly persist: (work: () => Promise<unknown>) => Promise<void>;
  /** What the user has written last. */
  readonly written: { version: number; config: number };
  /** The version that was promoted last. */
  proven: number;
}

function writesOf(desk: Desk): Pick<Actor, 'create' | 'release' | 'changeConfig' | 'edit' | 'remove'> {
  const { persist, written } = desk;
  const { client } = desk.stage;
  const { place } = desk.role;
  return {
    create: () => create(desk),
    release: async () => {
      written.version += 1;
      const patch = releasePatch(place, written.version);
      await persist(() => client.mergePatch(deployments, place, { patch }));
    },
    changeConfig: async () => {
      written.config += 1;
      const patch = { data: { value: String(written.config) } };
      await persist(() => client.mergePatch(configMaps, configPlace(place), { patch }));
    },
    edit: (spec) => persist(() => client.mergePatch(canaries, place, { patch: { spec } })),
    remove: () => persist(() => client.delete(canaries, place).catch(unlessGone)),
  };
}

async function create({ stage, role, persist, until }: Desk): Promise<void> {
  const { client, view, receiver } = stage;
  const { place, script, strategy, intervalMs } = role;
  const options = { strategy, intervalMs, receiver: receiver.url, gated: script === 'gated' };
  const canary = canaryAt(place, { ...options, revertOnDeletion: script === 'deleted' });
  await persist(() => client.create(namespaces, namespaceOf(place)));
  await persist(() => client.create(configMaps, configMapAt(place, '1')));
  await persist(() => client.create(deployments, deploymentAt(place, 1)));
  await persist(() => client.create(canaries, canary));
  const isInitialized = (): boolean => view.status(place)?.phase === 'Initialized';
  await until('Initialized', () => isInitialized() && view.workload(place)?.replicas === 0);
}

async function ends(desk: Desk, phase: 'Succeeded' | 'Failed', before: string | undefined): Promise<void> {
  const { stage, role, written, until } = desk;
  const { client, view } = stage;
  const { place } = role;
  if (phase === 'Succeeded') desk.proven = written.version;
  const image = imageOf(desk.proven);
  await until(`a new run ${phase} with ${image} on the primary and no pods of the target`, () => {
    const now = view.status(place);
    const isEnd = now?.phase === phase && now.run?.id !== before && isAtRest(now);
    return isEnd && view.workload(primaryAt(place))?.image === image && view.workload(place)?.replicas === 0;
  });
  await until(`value ${written.config} in the primary's ConfigMap`, async () => {
    const found = await client.get(configMaps, primaryConfigAt(place)).catch(retriable);
    return stringAt(found, 'data', 'value') === String(written.config);
  });
}

/** Nothing is left to be decided, to be told or to be taken away. */
const isAtRest = ({ run, outbox }: CanaryStatus): boolean =>
  outbox.length === 0 && run?.decision === undefined && run?.owed === undefined && run?.drainingSince === undefined;

function describe({ view }: Stage, { place }: Role): string {
  const status = view.status(place);
  const primary = view.workload(primaryAt(place));
  const target = view.workload(place);
  const { phase, canaryWeight, iterations, failedChecks, outbox = [], run } = status ?? {};
  const state = {
    phase,
    canaryWeight,
    iterations,
    failedChecks,
    run,
    outbox: outbox.map(({ kind }) => kind),
    primary,
    target,
  };
  return JSON.stringify(state);
}

interface Wait {
  readonly expected: string;
  readonly look: () => boolean | Promise<boolean>;
  readonly signal: AbortSignal;
  readonly got: () => string;
}

async function waitUntil({ expected, look, signal, got }: Wait): Promise<void> {
  while (!(await look())) {
    if (signal.aborted) throw new Unfinished(expected, got());
    await clock.sleep(lookMs, signal).catch(() => undefined);
  }
}

const passing = ['unavailable', 'timeout', 'throttled', 'other', 'aborted'] as const;

function retriable(error: unknown): undefined {
  if (isKubernetesError(error, ...passing, 'notFound')) return undefined;
  throw error;
}

function unlessGone(error: unknown): void {
  if (!isKubernetesError(error, 'notFound')) throw error;
}

/** What was carried out although its answer was lost is carried out. */
async function untilTaken(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (isKubernetesError(error, 'alreadyExists')) return;
      if (signal.aborted || !isKubernetesError(error, ...passing)) throw error;
    }
    await clock.sleep(retryMs, signal);
  }
}
