/** List-watches of one kind, one for each namespace, as one: a namespace that may not be read holds up none of the others. */
import type { ListWatch, Watched } from './watch.ts';
import type { Logger } from '../observability/logger.ts';

export interface WatchScopesOptions<T> {
  /** Empty: all namespaces, in one watch. */
  readonly namespaces: readonly string[];
  readonly open: (namespace: string | undefined) => ListWatch<T>;
  /** For messages: what is watched, as `Canaries`. */
  readonly what: string;
  readonly log: Logger;
}

export interface WatchScopes<T> {
  start(): void;
  /** Resolves when synced; rejects with the signal's reason, or when stopped before. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Has one namespace been read at least, and each been read or refused? Stays true, as of a single watch. */
  synced(): boolean;
  /** Why it is not synced, with the API server's words; undefined: it is. */
  unready(): string | undefined;
  /** Has every namespace been read? */
  complete(): boolean;
  /** Whether nothing is known of a namespace that should be watched: what is in it may be there or not. */
  isUnread(namespace: string): boolean;
  /** Epoch milliseconds at which the API server last said anything on the quietest of the watches that it does not refuse. */
  lastActivity(): number;
  values(): Iterable<Watched<T>>;
  stop(): Promise<void>;
}

interface Scope<T> {
  readonly namespace: string | undefined;
  readonly watch: ListWatch<T>;
}

export function createWatchScopes<T>({ namespaces, open, what, log }: WatchScopesOptions<T>): WatchScopes<T> {
  const named = namespaces.length === 0 ? [undefined] : namespaces;
  const scopes = named.map((namespace): Scope<T> => ({ namespace, watch: open(namespace) }));
  const watches = scopes.map(({ watch }) => watch);
  const byName = new Map(scopes.map(({ namespace, watch }) => [namespace, watch]));
  const isSynced = (): boolean => watches.every(isAnswered) && watches.some((watch) => watch.synced());
  return {
    start: () => {
      for (const scope of scopes) {
        scope.watch.start();
        void tellRefusal(scope, log).catch(() => undefined);
      }
    },
    whenSynced: async (signal) => {
      await Promise.all(watches.map((watch) => watch.whenAnswered(signal)));
      // None of them fails but by the signal or with all others.
      await Promise.race(watches.map((watch) => watch.whenSynced(signal)));
    },
    synced: isSynced,
    unready: () => (isSynced() ? undefined : `the list of ${what} has not been read yet${troubleOf(watches)}`),
    complete: () => watches.every((watch) => watch.synced()),
    isUnread: (namespace) => (byName.get(namespace) ?? byName.get(undefined))?.synced() === false,
    lastActivity: () => lastActivityOf(watches),
    *values() {
      for (const watch of watches) yield* watch.values();
    },
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
    },
  };
}

const isAnswered = (watch: ListWatch<unknown>): boolean => watch.synced() || watch.isRefused();

/** A refusal is an answer; silence counts where something is to be heard. */
function lastActivityOf(watches: readonly ListWatch<unknown>[]): number {
  const heard = watches.filter((watch) => !watch.isRefused());
  return Math.min(...(heard.length > 0 ? heard : watches).map((watch) => watch.lastActivity()));
}

function troubleOf(watches: readonly ListWatch<unknown>[]): string {
  const open = watches.filter((watch) => !isAnswered(watch));
  const [first, ...others] = (open.length > 0 ? open : watches).flatMap((watch) => watch.trouble() ?? []);
  if (first === undefined) return '';
  return `: ${first}${others.length === 0 ? '' : `; and of ${others.length} more namespaces`}`;
}

async function tellRefusal({ namespace, watch }: Scope<unknown>, log: Logger): Promise<void> {
  if (namespace === undefined) return;
  await watch.whenAnswered();
  if (watch.synced()) return;
  warnLeftOut(log, namespace, watch.trouble());
  await watch.whenSynced();
  log.info({ namespace }, 'namespace taken up: it may be read by now');
}

/** @param refusal the API server's words */
export const warnLeftOut = (log: Logger, namespace: string | undefined, refusal: string | undefined): void =>
  log.warn(
    { namespace, refusal },
    'namespace left out: it may not be read; give the account its rights there with a RoleBinding, or take it out of NAMESPACE',
  );
