/**
 * The places of `worker/runs` in memory: the same answers, thousands of times faster than from a Redis, for the rules are
 * played without waiting. `test/integration/run-places-model.test.ts` holds the two against each other.
 */
import type { PlaceAnswer } from '../../../../canary/queued.ts';
import { keyText } from '../../../../queue/step-job.ts';
import type { CanaryKey } from '../../../../queue/step-job.ts';
import { believedMs, intervalsKept, keptMs, settlingMs } from '../../../../worker/runs/place-sets.ts';
import { limitOf, placesFor } from '../../../../worker/runs/places.ts';
import type { RunLimits, Standing, Waiting } from '../../../../worker/runs/places.ts';
import { homeOf, mostTries, standingMs } from '../../../../worker/runs/run-places.ts';

/** What a worker's watch has told it of the statuses, by the text of the key. */
export interface Heard {
  readonly running: ReadonlySet<string>;
  /** With the interval of each in milliseconds. */
  readonly queued: ReadonlyMap<string, number>;
}

export interface PlacesModel {
  /** @param worker has a look at the line of its own, and what it has heard */
  admit(canary: CanaryKey, ask: { readonly worker: number; readonly since: number; readonly now: number }): PlaceAnswer;
  keep(canary: CanaryKey, until: { readonly intervalMs: number; readonly now: number }): void;
  leave(canary: CanaryKey): void;
  /** Redis is emptied. */
  empty(): void;
  taken(): ReadonlySet<string>;
  /** Who waits, and when they last asked, in epoch milliseconds. */
  line(): readonly (Waiting & { readonly askedAt: number })[];
}

interface Sets {
  readonly runs: Map<string, number>;
  readonly waiting: Map<string, number>;
  readonly seen: Map<string, number>;
  state: 'counted' | number | undefined;
}

interface Parts {
  readonly sets: Sets;
  readonly limits: RunLimits;
  readonly heard: (worker: number) => Heard;
}

interface Look {
  readonly at: number;
  readonly standing: Standing | undefined;
}

export function createPlacesModel({ limits, heard }: Omit<Parts, 'sets'>): PlacesModel {
  const sets: Sets = { runs: new Map(), waiting: new Map(), seen: new Map(), state: undefined };
  const parts = { sets, limits, heard };
  const looks = new Map<number, Look>();
  const standing = (worker: number, now: number): Standing | undefined => {
    const known = looks.get(worker);
    if (known !== undefined && now - known.at < standingMs) return known.standing;
    const look = { at: now, standing: readStanding(parts, worker, now) };
    looks.set(worker, look);
    return look.standing;
  };
  const answerTo = (canary: CanaryKey, { worker, since, now }: Parameters<PlacesModel['admit']>[1]): PlaceAnswer => {
    const seen = standing(worker, now);
    if (seen === undefined) return { kind: 'counting' };
    const key = keyText(canary);
    const isKnown = seen.waiting.some((one) => one.key === key);
    const waiting = isKnown ? seen.waiting : [...seen.waiting, { key, namespace: canary.namespace, since }];
    return placesFor(limits, { ...seen, waiting }).get(key) ?? { kind: 'admitted' };
  };
  return {
    admit(canary, ask) {
      const key = keyText(canary);
      if (sets.runs.has(key)) {
        longer(sets.runs, key, ask.now + keptMs);
        return { kind: 'admitted' };
      }
      if (!sets.waiting.has(key)) sets.waiting.set(key, ask.since);
      sets.seen.set(key, ask.now + believedMs);
      for (let tries = 0; tries < mostTries; tries += 1) {
        const answer = answerTo(canary, ask);
        if (answer.kind !== 'admitted') return answer;
        const isMine = isGranted(parts, canary, ask.now);
        looks.delete(ask.worker);
        if (isMine) return answer;
      }
      return { kind: 'counting' };
    },
    keep(canary, { intervalMs, now }) {
      sets.runs.set(keyText(canary), now + Math.max(keptMs, intervalsKept * intervalMs));
    },
    leave(canary) {
      for (const set of [sets.runs, sets.waiting, sets.seen]) set.delete(keyText(canary));
    },
    empty() {
      for (const set of [sets.runs, sets.waiting, sets.seen]) set.clear();
      sets.state = undefined;
    },
    taken: () => new Set(sets.runs.keys()),
    line: () =>
      waitingIn(sets).map((one) => ({ ...one, askedAt: (sets.seen.get(one.key) ?? Number.NaN) - believedMs })),
  };
}

const longer = (set: Map<string, number>, key: string, until: number): unknown =>
  set.set(key, Math.max(until, set.get(key) ?? 0));

function isGranted({ sets, limits }: Parts, canary: CanaryKey, now: number): boolean {
  const { namespace } = canary;
  const key = keyText(canary);
  const others = [...sets.runs.keys()].filter((one) => one !== key);
  const ofHome = others.filter((one) => homeOf(one) === namespace);
  const isFull = others.length >= (limits.cluster ?? Infinity) || ofHome.length >= limitOf(limits, namespace);
  if (sets.state !== 'counted' || isFull) return false;
  sets.runs.set(key, now + keptMs);
  sets.waiting.delete(key);
  sets.seen.delete(key);
  return true;
}

function readStanding(parts: Parts, worker: number, now: number): Standing | undefined {
  const { sets, heard } = parts;
  for (const [key, until] of sets.seen) {
    if (until > now + believedMs - keptMs) continue;
    const intervalMs = heard(worker).queued.get(key);
    if (intervalMs !== undefined && until - believedMs + Math.max(believedMs, intervalsKept * intervalMs) > now)
      continue;
    sets.seen.delete(key);
    sets.waiting.delete(key);
  }
  if (!repair(parts, worker, now)) return undefined;
  const runs = new Map<string, number>();
  for (const key of sets.runs.keys()) runs.set(homeOf(key), (runs.get(homeOf(key)) ?? 0) + 1);
  return { runs, waiting: waitingIn(sets) };
}

const waitingIn = ({ waiting }: Sets): readonly Waiting[] =>
  [...waiting].map(([key, since]) => ({ key, namespace: homeOf(key), since }));

function repair({ sets, heard }: Parts, worker: number, now: number): boolean {
  const { running } = heard(worker);
  if (sets.state === undefined) {
    sets.state = now;
    return false;
  }
  if (sets.state !== 'counted') {
    if (now - sets.state < settlingMs) return false;
    for (const key of running) longer(sets.runs, key, now + keptMs);
    sets.state = 'counted';
    return true;
  }
  for (const [key, until] of sets.runs) {
    if (until > now) continue;
    if (running.has(key)) sets.runs.set(key, now + keptMs);
    else sets.runs.delete(key);
  }
  return true;
}
