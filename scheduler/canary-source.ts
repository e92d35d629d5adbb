/** Where a tick gets the schedules of all canaries from: one paged list, or the watch of a process that stays. */
import { readSchedule } from '../canary/schedule.ts';
import type { Schedule } from '../canary/schedule.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { KubernetesClient } from '../platform/kubernetes-client.ts';
import { isKubernetesError } from '../platform/kubernetes-error.ts';
import { createListWatch } from '../platform/kubernetes-watch.ts';
import type { ListWatch, Watched } from '../platform/kubernetes-watch.ts';
import type { Logger } from '../platform/logger.ts';
import { canaries } from '../platform/resources.ts';

/** Fails when it cannot tell; never answers with a part. */
export type CanarySource = (signal: AbortSignal) => Promise<Iterable<Schedule>>;

export interface Scope {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
}

/** A list whose continuation expires is begun again, this many times. */
const listTries = 3;

/** Lists page by page and keeps only what a tick needs of each object. */
export function listedCanaries(client: Pick<KubernetesClient, 'listPages'>, { namespaces }: Scope): CanarySource {
  return async (signal) => {
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    const lists = await Promise.all(scopes.map((namespace) => listOne(client, { namespace, signal })));
    return lists.flat();
  };
}

interface ListScope {
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

async function listOne(client: Pick<KubernetesClient, 'listPages'>, scope: ListScope): Promise<Schedule[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readPages(client, scope);
    } catch (error) {
      if (attempt === listTries || !isKubernetesError(error, 'gone')) throw error;
    }
  }
}

async function readPages(client: Pick<KubernetesClient, 'listPages'>, scope: ListScope): Promise<Schedule[]> {
  const schedules: Schedule[] = [];
  for await (const page of client.listPages(canaries, scope)) {
    schedules.push(...page.items.map(readSchedule).filter((schedule) => schedule !== undefined));
  }
  return schedules;
}

export interface CanaryWatchOptions extends Scope {
  readonly client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told of every Canary that is new, whose spec has changed since it was last seen, or that is being deleted by now, the first list excepted. */
  readonly onChange: (schedule: Schedule) => void;
}

export interface CanaryWatch {
  start(): void;
  readonly source: CanarySource;
  values(): Iterable<Schedule>;
  synced(): boolean;
  /** Epoch milliseconds at which the API server last said anything on the quietest of the watches. */
  lastActivity(): number;
  stop(): Promise<void>;
}

type Projection = Schedule | undefined;

export function watchedCanaries(options: CanaryWatchOptions): CanaryWatch {
  const { namespaces, onChange, ...rest } = options;
  const scopes = namespaces.length === 0 ? [undefined] : namespaces;
  const watches = scopes.map((namespace) => {
    const watch: ListWatch<Projection> = createListWatch<Projection>({
      ...rest,
      namespace,
      resource: canaries,
      project: readSchedule,
      onAdd: ({ value }) => {
        if (watch.synced() && value !== undefined) onChange(value);
      },
      onUpdate: (next, previous) => {
        if (isNewSpec(next, previous) && next.value !== undefined) onChange(next.value);
      },
    });
    return watch;
  });
  function* values(): Iterable<Schedule> {
    for (const watch of watches) {
      for (const { value } of watch.values()) if (value !== undefined) yield value;
    }
  }
  return {
    start: () => watches.forEach((watch) => watch.start()),
    source: async (signal) => {
      await Promise.all(watches.map((watch) => watch.whenSynced(signal)));
      return values();
    },
    values,
    synced: () => watches.every((watch) => watch.synced()),
    lastActivity: () => Math.min(...watches.map((watch) => watch.lastActivity())),
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
    },
  };
}

const isNewSpec = (next: Watched<Projection>, previous: Watched<Projection>): boolean =>
  next.uid !== previous.uid ||
  next.value?.generation !== previous.value?.generation ||
  next.value?.leaving !== previous.value?.leaving;
