/** The stories: what the user of each canary does, and how each of its runs has to end. */
import type { Actor } from './actor.ts';
import type { ScriptName } from './cast.ts';

/** One release and its end, or two where the first one is the story's twist. */
export type Round = (actor: Actor) => Promise<void>;

export const rounds: Readonly<Record<ScriptName, Round>> = {
  weighted: releaseOnce,
  'ab-testing': releaseOnce,
  'blue-green': releaseOnce,
  refused: refusedThenMended,
  gated: heldAtTheGate,
  twice: overtaken,
  config: newConfig,
  edited: suspendedOnTheWay,
  deleted: deletedOnTheWay,
};

/** Scripts in which a run may fail: none ends so by itself. */
export const mayFail: ReadonlySet<ScriptName> = new Set(['refused']);

const runOf = (actor: Actor): string | undefined => actor.status()?.run?.id;

async function releaseOnce(actor: Actor): Promise<void> {
  const before = runOf(actor);
  await actor.release();
  await actor.ends('Succeeded', before);
}

async function refusedThenMended(actor: Actor): Promise<void> {
  const before = runOf(actor);
  actor.refuse('check', true);
  await actor.release();
  await actor.ends('Failed', before);
  actor.refuse('check', false);
  await releaseOnce(actor);
}

async function heldAtTheGate(actor: Actor): Promise<void> {
  const before = runOf(actor);
  actor.refuse('gate', true);
  await actor.release();
  await actor.until('WaitingPromotion', () => actor.status()?.phase === 'WaitingPromotion');
  await actor.pause(2);
  actor.refuse('gate', false);
  await actor.ends('Succeeded', before);
}

/** The second release comes while the first one has traffic. */
async function overtaken(actor: Actor): Promise<void> {
  const before = runOf(actor);
  await actor.release();
  await onTheWay(actor, before);
  const first = runOf(actor);
  await actor.release();
  await actor.ends('Succeeded', first);
}

async function newConfig(actor: Actor): Promise<void> {
  const before = runOf(actor);
  await actor.changeConfig();
  await actor.ends('Succeeded', before);
}

async function suspendedOnTheWay(actor: Actor): Promise<void> {
  const before = runOf(actor);
  await actor.release();
  await onTheWay(actor, before);
  await actor.edit({ suspend: true });
  await actor.pause(3);
  await actor.edit({ suspend: false });
  await actor.ends('Succeeded', before);
}

async function deletedOnTheWay(actor: Actor): Promise<void> {
  const before = runOf(actor);
  await actor.release();
  await onTheWay(actor, before);
  await actor.remove();
  await actor.until(
    'no Canary, and the target with its pods',
    () => actor.status() === undefined && actor.isRestored(),
  );
}

/** A run that is not the one before has traffic, or is past that already. */
const onTheWay = (actor: Actor, before: string | undefined): Promise<void> =>
  actor.until('traffic on the canary', () => {
    const now = actor.status();
    return now?.run?.id !== before && ((now?.canaryWeight ?? 0) > 0 || now?.phase !== 'Progressing');
  });
