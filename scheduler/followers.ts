/** Which canaries follow an object: whom a change of it concerns. Kept in step with the watch of Canaries. */
import type { FollowedKind, FollowedObject, Schedule } from '../canary/schedule.ts';

export interface Followers {
  /** A Canary is new or has changed; `previous` as it was put before. */
  put(schedule: Schedule, previous: Schedule | undefined): void;
  remove(schedule: Schedule): void;
  of(namespace: string, object: FollowedObject): Iterable<Schedule>;
  has(namespace: string, object: FollowedObject): boolean;
}

export interface FollowersOptions {
  /** Told when the first canary follows an object of a kind. */
  readonly onKind: (kind: FollowedKind) => void;
}

export function createFollowers({ onKind }: FollowersOptions): Followers {
  const byObject = new Map<string, Map<string, Schedule>>();
  const kinds = new Set<string>();

  const add = (schedule: Schedule, object: FollowedObject): void => {
    const key = keyOf(schedule.namespace, object);
    const followers = byObject.get(key) ?? new Map<string, Schedule>();
    followers.set(schedule.uid, schedule);
    byObject.set(key, followers);
    const kind = kindOf(object);
    if (kinds.has(kind)) return;
    kinds.add(kind);
    onKind(kind);
  };
  const remove = ({ namespace, uid, follows = [] }: Schedule): void => {
    for (const object of follows) {
      const key = keyOf(namespace, object);
      const followers = byObject.get(key);
      followers?.delete(uid);
      if (followers?.size === 0) byObject.delete(key);
    }
  };
  return {
    put: (schedule, previous) => {
      if (previous !== undefined) remove(previous);
      for (const object of schedule.follows ?? []) add(schedule, object);
    },
    remove,
    of: (namespace, object) => byObject.get(keyOf(namespace, object))?.values() ?? [],
    has: (namespace, object) => byObject.has(keyOf(namespace, object)),
  };
}

const keyOf = (namespace: string, object: FollowedObject): string => `${namespace}/${object}`;

// What stands before the slash is one of the kinds: the type of the text says so.
const kindOf = (object: FollowedObject): FollowedKind => object.slice(0, object.indexOf('/')) as FollowedKind;
