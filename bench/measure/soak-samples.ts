/** What Aviary and its servers hold, looked at again and again for a long time. */
import { systemClock as clock } from '../../platform/clock.ts';
import { events } from '../../platform/kubernetes/resources.ts';
import { viewSteps } from './finished-jobs.ts';
import type { StepsView } from './finished-jobs.ts';
import { countObjects } from './object-counts.ts';
import { memoryOf } from './processes.ts';
import { redisMebibytes } from './redis-memory.ts';
import type { Aviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { writtenKinds } from '../world/at-rest.ts';

export interface SoakSample {
  /** Seconds since the begin. */
  readonly at: number;
  /** MiB that are resident, of each process by its name. */
  readonly memory: Readonly<Record<string, number>>;
  /** MiB that Redis says its data takes. */
  readonly redisMiB: number;
  readonly redisKeys: number;
  readonly events: number;
  /** Of all other kinds that a canary of a benchmark has. */
  readonly objects: number;
}

const kinds = writtenKinds.filter((kind) => kind !== events);

export interface SoakSpan {
  readonly seconds: number;
  /** Seconds between two samples. */
  readonly every: number;
}

/** The first sample is taken at once, the last one at the end of the span. */
export async function sampleSoak(stage: Stage, aviary: Aviary, { seconds, every }: SoakSpan): Promise<SoakSample[]> {
  const view = viewSteps(stage.light.redisUrl);
  const samples: SoakSample[] = [];
  try {
    const begunAt = clock.now();
    for (let due = 0; due <= seconds; due += every) {
      await clock.sleep(Math.max(0, begunAt + due * 1_000 - clock.now()));
      samples.push(await sample(stage, { aviary, view, begunAt }));
    }
    return samples;
  } finally {
    await view.close();
  }
}

interface Subject {
  readonly aviary: Aviary;
  readonly view: StepsView;
  readonly begunAt: number;
}

async function sample(stage: Stage, { aviary, view, begunAt }: Subject): Promise<SoakSample> {
  const at = (clock.now() - begunAt) / 1_000;
  const memory = Object.fromEntries(pidsByName(stage, aviary).map(([name, pid]) => [name, memoryOf(pid).now]));
  const [redisMiB, redisKeys, eventCount, ...counts] = await Promise.all([
    redisMebibytes(view.redis),
    view.redis.dbsize(),
    countObjects(stage.client, events),
    ...kinds.map((kind) => countObjects(stage.client, kind)),
  ]);
  return {
    at,
    memory,
    redisMiB,
    redisKeys,
    events: eventCount,
    objects: counts.reduce((sum, count) => sum + count, 0),
  };
}

const serverNames = { 'redis-server': 'Redis', 'kube-apiserver': 'API server', etcd: 'etcd' } as const;

function pidsByName({ light }: Stage, { scheduler, workers }: Aviary): readonly (readonly [string, number])[] {
  const servers = light.serverPids();
  return [
    ...[scheduler, ...workers].map(({ server }) => [server.name, server.identity.pid] as const),
    ...Object.entries(serverNames).map(([program, name]) => [name, servers[program] ?? Number.NaN] as const),
  ];
}
