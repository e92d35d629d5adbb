/** How a random history is played on the simulated cluster, up to the moment when nothing moves any more. */
import { finalizerName } from '../../../canary/finalizer.ts';
import { createSimulatedCluster } from '../../../sandbox/simulated/cluster.ts';
import type { SimulatedCluster } from '../../../sandbox/simulated/cluster.ts';
import { createSession } from '../../../sandbox/simulated/session.ts';
import type { Session, SessionOutcome } from '../../../sandbox/simulated/session.ts';
import type { Crash, StepOptions } from '../../../sandbox/simulated/step-world.ts';
import type { Release } from '../../../sandbox/simulated/workloads.ts';
import { broken, failing, good, slow } from '../story.ts';
import { beforeHistory } from './before.ts';
import type { Incident, Quality } from './incidents.ts';
import { analyses, canaryOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { watched } from './watched-cluster.ts';
import { watchCopies } from './watched-copies.ts';
import { watchTraffic } from './watched-traffic.ts';

const makers: Readonly<Record<Quality, (name: string) => Release>> = { good, failing, slow, broken };

export interface History {
  readonly shape: Shape;
  readonly cluster: SimulatedCluster;
  readonly session: Session;
  latest: Release;
  now: number;
  /** The user has let the Canary go without giving anything back. */
  mayLose: boolean;
  /** Whether the primary can be given pods. */
  isSizable: boolean;
}

/** More slots than a canary needs to come to rest once nothing befalls it any more. */
const longest = 80;

export function play(incidents: readonly Incident[], given: Shape): History {
  const { first, latest, initial, canary } = beforeHistory(given);
  const cluster = watched(createSimulatedCluster(first, given.podStart, initial), {
    status: () => session.canary().status,
    mayLose: () => history.mayLose,
    watchCopies: (inner) => watchCopies(inner, { ...given, status: () => session.canary().status }),
    watchTraffic: (inner) =>
      watchTraffic(inner, { ...given, canary: () => session.canary(), isSizable: () => history.isSizable }),
  });
  const session = createSession(canary, cluster);
  const history: History = {
    shape: given,
    cluster,
    session,
    latest,
    now: 2_000_000_000_000,
    mayLose: false,
    isSizable: true,
  };
  for (const [index, what] of incidents.entries()) befall(history, what, index);
  calm(history);
  return history;
}

/** Everybody answers again, and slot follows on slot until two in a row have changed nothing. */
function calm(history: History): void {
  heal(history);
  let atRest = 0;
  for (let slot = 0; slot < longest && atRest < 2; slot += 1) {
    const saves = history.session.saved().length;
    const outcome = oneSlot(history, {});
    const isUnmoved = outcome === 'gone' || (outcome === 'settled' && saves === history.session.saved().length);
    atRest = isUnmoved && !isHolding(history) ? atRest + 1 : 0;
  }
}

function heal({ cluster, session }: History): void {
  cluster.trouble({ hooks: {}, prometheus: 0 });
  session.edit({ suspend: false });
}

/** Something is still to be done when its time has come, though nothing moves until then. */
function isHolding({ session }: History): boolean {
  const { run } = session.canary().status;
  return run?.sizing !== undefined || run?.drainingSince !== undefined || run?.decision !== undefined;
}

type Players = {
  readonly [Kind in Incident['kind']]: (
    history: History,
    what: Extract<Incident, { kind: Kind }>,
    name: string,
  ) => void;
};

const players: Players = {
  release(history, { quality }, name) {
    release(history, quality, name);
    oneSlot(history, {});
  },
  configure(history, { quality }, name) {
    const { latest } = history;
    // A ConfigMap makes a good release bad, and the same release good again, but not what is broken by itself.
    const rates =
      quality === 'good' ? { successRate: latest.name.includes('failing') ? 60 : 100 } : { successRate: 60 };
    history.latest = { ...latest, ...rates, config: name };
    history.cluster.change(({ target }) => ({ target: { ...target, release: history.latest } }));
    oneSlot(history, {});
  },
  disturb(history, { workload, forMs }) {
    history.cluster.disturb(workload, history.now + forMs);
    oneSlot(history, {});
  },
  primaryLost(history) {
    history.cluster.change(() => ({ primary: undefined }));
    oneSlot(history, {});
  },
  shrink(history, { to }) {
    const run = (): void =>
      history.cluster.change(({ primary }) =>
        primary === undefined ? {} : { primary: { ...primary, replicas: Math.min(to, primary.replicas) } },
      );
    // After its autoscaler has looked.
    oneSlot(history, { before: { action: 1, run } });
  },
  reroute(history, { canary }) {
    const routes = { primary: 100 - canary, canary, mirrored: false };
    history.cluster.change((state) => (state.routes === undefined ? {} : { routes }));
    oneSlot(history, {});
  },
  refuse(history, { hook, slots }) {
    history.cluster.trouble({ hooks: { [hook]: history.now + slots * intervalOf(history) } });
    oneSlot(history, {});
  },
  prometheusLost(history, { slots }) {
    history.cluster.trouble({ prometheus: history.now + slots * intervalOf(history) });
    oneSlot(history, {});
  },
  jobLost(history) {
    history.now += intervalOf(history);
  },
  jobDoubled(history) {
    history.session.step(history.now);
    history.session.step(history.now + 500);
    history.now += intervalOf(history);
  },
  jobLate(history, { byMs }) {
    history.session.step(history.now + byMs);
    history.now += intervalOf(history);
  },
  crash(history, { isTakenOver, ...crash }) {
    die(history, crash, isTakenOver);
  },
  crashAtRoutes(history, { action, isTakenOver }) {
    die(history, { action, of: 'ensureRoutes', when: 'after' }, isTakenOver);
  },
  overtaken(history, { action }) {
    const { session, now } = history;
    oneSlot(history, { before: { action, run: () => void session.step(now + 1_000) } });
  },
  touched(history, { action }) {
    const { session } = history;
    oneSlot(history, { before: { action, run: () => session.edit({}) } });
  },
  apiError(history, { action, isAnswerLost }) {
    history.isSizable = action !== 'sizePrimary';
    oneSlot(history, { failing: new Set([action]), isAnswerLost });
    history.isSizable = true;
  },
  releaseDuring(history, { action, quality }, name) {
    oneSlot(history, { before: { action, run: () => release(history, quality, name) } });
  },
  edit(history, { analysis, threshold, hasGates }) {
    edit(history, { ...analyses[analysis], threshold }, hasGates);
  },
  changeInterval(history, { interval }) {
    edit(history, { interval });
  },
  suspend(history, { slots }) {
    history.session.edit({ suspend: true });
    for (let slot = 0; slot < slots; slot += 1) oneSlot(history, {});
    history.session.edit({ suspend: false });
  },
  delete(history) {
    const { session } = history;
    if (!session.canary().finalizers.includes(finalizerName)) history.mayLose = true;
    session.delete();
    oneSlot(history, {});
  },
  revert(history, { isWanted }) {
    const { session } = history;
    session.edit({ revertOnDeletion: isWanted });
    if (!isWanted && session.canary().deleting) history.mayLose = true;
    oneSlot(history, {});
  },
  quiet(history, { slots }) {
    for (let slot = 0; slot < slots; slot += 1) oneSlot(history, {});
  },
};

function die(history: History, crash: Crash, isTakenOver: boolean): void {
  history.session.step(history.now, { crash });
  if (isTakenOver) history.session.step(history.now + 2_000);
  history.now += intervalOf(history);
}

/** Names tell good from bad for whoever looks at what was promoted. */
function befall(history: History, what: Incident, index: number): void {
  const player = players[what.kind] as (history: History, what: Incident, name: string) => void;
  player(history, what, 'quality' in what ? `r${index + 1}-${what.quality}` : '');
}

function release(history: History, quality: Quality, name: string): void {
  // A ConfigMap that is bad stays bad whatever image reads it.
  const { config } = history.latest;
  const made = makers[quality](name);
  const rates = config?.includes('failing') === true ? { successRate: 60 } : {};
  history.latest = { ...made, ...rates, ...(config === undefined ? {} : { config }) };
  history.cluster.release(history.latest, history.now);
}

function edit({ shape, session }: History, fields: object, hasGates = shape.hasGates): void {
  const { analysis } = canaryOf({ ...shape, hasGates }, fields).spec;
  session.edit({ analysis });
}

const intervalOf = ({ session }: History): number => session.canary().spec.analysis.intervalMs;

/** Milliseconds after which a worker tries a step again that was overtaken: within its slot, of the Canary as it is now. */
const tryAgainMs = 2_000;

export function oneSlot(history: History, options: StepOptions): SessionOutcome {
  const { session, now } = history;
  if (history.shape.isAutoscaled) history.cluster.autoscale(now);
  const first = session.step(now, options);
  const outcome = first === 'conflict' ? session.step(now + tryAgainMs) : first;
  history.now += intervalOf(history);
  return outcome;
}

export const whereabouts = ({ session, cluster, latest }: History): string =>
  JSON.stringify({ status: session.canary().status, cluster: cluster.state(), latest });
