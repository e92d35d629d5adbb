/** Where a tick gets the schedules of all canaries from: one paged list, or the watch of a process that stays. */
import { readSchedule } from '../canary/schedule.ts';
import type { Schedule } from '../canary/schedule.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import { isKubernetesError } from '../platform/kubernetes/error.ts';
import type { KubernetesError } from '../platform/kubernetes/error.ts';
import { createListWatch } from '../platform/kubernetes/watch.ts';
import type { ListWatch, Watched } from '../platform/kubernetes/watch.ts';
import { createWatchScopes, warnLeftOut } from '../platform/kubernetes/watch-scopes.ts';
import type { WatchScopes } from '../platform/kubernetes/watch-scopes.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { canaries } from '../platform/kubernetes/resources.ts';
import type { Followers } from './followers.ts';
import type { CanaryEdit } from './wake.ts';

/** Leaves out a namespace that it may not read, and says so; fails when it cannot tell of any other, or of all. */
export type CanarySource = (signal: AbortSignal) => Promise<Iterable<Schedule>>;

export interface Scope {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
}

/** A list whose continuation expires is begun again, this many times. */
const listTries = 3;

export interface CanaryListOptions extends Scope {
  readonly client: ListClient;
  readonly log: Logger;
}

type ListClient = Pick<KubernetesClient, 'listPages'>;

/** Lists page by page and keeps only what a tick needs of each object. */
export function listedCanaries({ client, namespaces, log }: CanaryListOptions): CanarySource {
  const scopes = namespaces.length === 0 ? [undefined] : namespaces;
  return async (signal) => {
    const refused: Refused[] = [];
    const listAllowed = (namespace: string | undefined): Promise<Schedule[]> =>
      listOne(client, { namespace, signal }).catch((error: unknown) => {
        if (!isKubernetesError(error, 'forbidden')) throw error;
        refused.push({ namespace, error });
        return [];
      });
    const lists = await Promise.all(scopes.map(listAllowed));
    if (refused.length === scopes.length) throw refused[0]?.error;
    for (const { namespace, error } of refused) warnLeftOut(log, namespace, error.message);
    return lists.flat();
  };
}

interface Refused {
  readonly namespace: string | undefined;
  readonly error: KubernetesError;
}

interface ListScope {
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

async function listOne(client: ListClient, scope: ListScope): Promise<Schedule[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readPages(client, scope);
    } catch (error) {
      if (attempt === listTries || !isKubernetesError(error, 'gone')) throw error;
    }
  }
}

async function readPages(client: ListClient, scope: ListScope): Promise<Schedule[]> {
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
  /** Kept in step with what is seen. */
  readonly followers: Pick<Followers, 'put' | 'remove'>;
  /**
   * Told of every Canary that is new, whose spec or annotations of ours have changed since it was last seen, or that is being
   * deleted by now. Of those in the first list only whose spec no step has seen: edited while nobody watched.
   */
  readonly onChange: (schedule: Schedule, edit: CanaryEdit) => void;
}

type Watching = 'start' | 'whenSynced' | 'unready' | 'complete' | 'lastActivity' | 'stop';

export interface CanaryWatch extends Pick<WatchScopes<unknown>, Watching> {
  readonly source: CanarySource;
}

type Projection = Schedule | undefined;

/** Watches from `start` on; its `source` waits for the first complete list, and then costs no request. */
export function watchedCanaries(options: CanaryWatchOptions): CanaryWatch {
  const { namespaces, log } = options;
  const open = (namespace: string | undefined): ListWatch<Projection> => watchScope(namespace, options);
  const scopes = createWatchScopes({ namespaces, open, what: 'Canaries', log });
  function* values(): Iterable<Schedule> {
    for (const { value } of scopes.values()) if (value !== undefined) yield value;
  }
  return {
    ...scopes,
    source: async (signal) => {
      await scopes.whenSynced(signal);
      return values();
    },
  };
}

function watchScope(namespace: string | undefined, options: CanaryWatchOptions): ListWatch<Projection> {
  const { namespaces: _all, followers, onChange, ...rest } = options;
  const watch: ListWatch<Projection> = createListWatch<Projection>({
    ...rest,
    namespace,
    resource: canaries,
    project: readSchedule,
    onAdd: ({ value, resourceVersion }) => {
      if (value === undefined) return;
      followers.put(value, undefined);
      if (watch.synced() || value.unseen === true) onChange(value, { kind: 'spec', resourceVersion });
    },
    onUpdate: (next, previous) => {
      if (next.value === undefined) return;
      followers.put(next.value, previous.value);
      const edit = editOf(next, previous);
      if (edit !== undefined) onChange(next.value, edit);
    },
    onDelete: ({ value }) => {
      if (value !== undefined) followers.remove(value);
    },
  });
  return watch;
}

function editOf(next: Watched<Projection>, previous: Watched<Projection>): CanaryEdit | undefined {
  const isNewSpec =
    next.value?.generation !== previous.value?.generation || next.value?.leaving !== previous.value?.leaving;
  const { resourceVersion } = next;
  if (isNewSpec) return { kind: 'spec', resourceVersion };
  return next.value?.wishes === previous.value?.wishes ? undefined : { kind: 'wishes', resourceVersion };
}
