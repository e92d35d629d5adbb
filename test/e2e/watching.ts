/** What the end-to-end stories watch from outside: shares of traffic by weight, and who holds a step. */
import { readFile, readdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import { deployments } from '../../platform/kubernetes/resources.ts';
import { storyNamespace, systemNamespace } from '../../sandbox/story/objects.ts';
import type { StoryCluster } from '../../sandbox/story/cluster.ts';
import type { Traffic } from '../../sandbox/story/running-story.ts';

export interface Glance {
  readonly phase: string;
  readonly weight: number;
}

export async function glance(story: StoryCluster): Promise<Glance> {
  const canary = await story.canary();
  return {
    phase: stringAt(canary, 'status', 'phase') ?? 'none',
    weight: numberAt(canary, 'status', 'canaryWeight') ?? 0,
  };
}

/** Looks again and again. @throws Error that tells the last look when the time is over */
export async function until(
  story: StoryCluster,
  isReached: (seen: Glance) => boolean,
  options: { seconds: number; what: string },
): Promise<Glance> {
  const end = clock.now() + options.seconds * 1_000;
  let seen = await glance(story);
  while (!isReached(seen)) {
    if (clock.now() > end) {
      const events = await story.events();
      throw new Error(
        `${options.what}: not within ${options.seconds} s; ${JSON.stringify(seen)} ${events.at(-1)?.message}`,
      );
    }
    await clock.sleep(150);
    seen = await glance(story);
  }
  return seen;
}

/** Reads until it is as wanted: events and messages follow the status that they tell of. Gives the last reading. */
export async function eventually<T>(read: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  const end = clock.now() + 15_000;
  let seen = await read();
  while (!isWanted(seen) && clock.now() < end) {
    await clock.sleep(250);
    seen = await read();
  }
  return seen;
}

/** Texts of the Canary's events once this one is among them. */
export async function eventsWith(story: StoryCluster, text: string): Promise<readonly string[]> {
  const read = async (): Promise<readonly string[]> => (await story.events()).map(({ message }) => message);
  return eventually(read, (texts) => texts.includes(text));
}

export interface Share {
  readonly canary: number;
  readonly all: number;
}

/**
 * Counts the visitors' answers of each weight until the canary leaves Progressing. A count belongs to a weight when
 * the weight was the same before and after it, for a moment longer than a route takes to reach Envoy, and the primary
 * still ran the old release: its copy begins before the phase says so, and may have to be tried twice.
 */
export async function sharesByWeight(story: StoryCluster, release: string): Promise<ReadonlyMap<number, Share>> {
  const shares = new Map<number, Share>();
  let steady = 0;
  let [traffic, seen] = [await story.traffic(), await weighing(story)];
  const before = seen.primaryImage;
  while (seen.phase === 'Progressing' && seen.primaryImage === before) {
    await clock.sleep(250);
    // The weight is read after the count: a reading that hangs can't give a weight what came later.
    const [counted, next] = [await story.traffic(), await weighing(story)];
    steady = isDeepStrictEqual(next, seen) ? steady + 1 : 0;
    if (steady > 2) {
      const old = shares.get(seen.weight) ?? { canary: 0, all: 0 };
      const canary = (counted.byRelease[release] ?? 0) - (traffic.byRelease[release] ?? 0);
      shares.set(seen.weight, { canary: old.canary + canary, all: old.all + counted.requests - traffic.requests });
    }
    [traffic, seen] = [counted, next];
  }
  return shares;
}

/** Between these counts visitors came, and every one of them was served. */
export function assertNobodyNoticed(t: ExecutionContext, before: Traffic, after: Traffic): void {
  t.true(after.requests - before.requests >= 50, `${after.requests - before.requests} visitors came`);
  t.is(after.failed - before.failed, 0, after.failures.slice(before.failed - after.failed).join('\n'));
}

async function weighing(story: StoryCluster): Promise<Glance & { readonly primaryImage: string | undefined }> {
  const seen = await glance(story);
  return { ...seen, primaryImage: await primaryImage(story) };
}

export async function primaryImage(story: StoryCluster): Promise<string | undefined> {
  const primary = await story.client.get(deployments, { namespace: storyNamespace, name: 'podinfo-primary' });
  return stringAt(primary, 'spec', 'template', 'spec', 'containers', 0, 'image');
}

/** Whether a count lies within five standard deviations of what the weight promises. @param weight percent */
export function isPlausible({ canary, all }: Share, weight: number): boolean {
  const p = weight / 100;
  return Math.abs(canary - all * p) <= 5 * Math.sqrt(all * p * (1 - p)) + 1;
}

export async function openRedis(story: StoryCluster): Promise<Redis> {
  const address = new URL(await story.address(`aviary-redis.${systemNamespace}`, 6379));
  return new Redis({ host: address.hostname, port: Number(address.port), maxRetriesPerRequest: 3 });
}

/** Waits until a worker holds the story's canary and kills that process at once, as `kill -9` does. Its pid. */
export async function killHolder(story: StoryCluster, redis: Redis, seconds: number): Promise<number> {
  const { metadata } = await story.canary();
  const key = `{aviary}:lease:${storyNamespace}.podinfo.${metadata.uid?.slice(0, 8)}`;
  const workers = await workerPids(story);
  const end = clock.now() + seconds * 1_000;
  while (clock.now() < end) {
    const holder = await redis.get(key);
    const pid = holder === null ? undefined : workers.find(({ pod }) => holder.startsWith(`${pod}/`))?.pid;
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL');
      return pid;
    }
  }
  throw new Error(`no worker held ${key} within ${seconds} s`);
}

interface WorkerProcess {
  readonly pid: number;
  readonly pod: string;
}

/** Worker processes inside the node, as this machine sees them. */
async function workerPids(story: StoryCluster): Promise<readonly WorkerProcess[]> {
  const pods = JSON.parse(
    await story.node.kubectl([
      '-n',
      systemNamespace,
      'get',
      'pods',
      '-l',
      'app.kubernetes.io/name=aviary-worker',
      '-o',
      'json',
    ]),
  ) as { items: { metadata: { name: string } }[] };
  const names = pods.items.map(({ metadata }) => metadata.name);
  const found = await Promise.all(
    (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((pid) => processOf(Number(pid), names)),
  );
  return found.filter((one) => one !== undefined);
}

async function processOf(pid: number, pods: readonly string[]): Promise<WorkerProcess | undefined> {
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (!command.includes('out/worker/main.js')) return undefined;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const pod = pods.find((name) => environment.split('\0').includes(`POD_NAME=${name}`));
    return pod === undefined ? undefined : { pid, pod };
  } catch {
    // Gone between the listing and the look.
    return undefined;
  }
}

/** The pods go one step after the traffic. */
export const replicasAfterDrain = (story: StoryCluster): Promise<number | undefined> =>
  eventually(
    () => targetReplicas(story),
    (replicas) => replicas === 0,
  );

async function targetReplicas(story: StoryCluster): Promise<number | undefined> {
  const target = await story.client.get(deployments, { namespace: storyNamespace, name: 'podinfo' });
  return numberAt(target, 'spec', 'replicas');
}
