/** Plays the scripts of the whole cast, round after round until the chaos is over. */
import { systemClock as clock } from '../../platform/clock.ts';
import type { Stage } from '../world/stage.ts';
import { keyOf } from '../world/objects.ts';
import { Unfinished, createActor } from './actor.ts';
import { reborn } from './cast.ts';
import type { Role } from './cast.ts';
import { rounds } from './scripts.ts';

/** How one round of a script went. */
export interface Ending {
  readonly canary: string;
  readonly round: number;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly at: number;
  /** Absent when it ended as the script says. */
  readonly missed?: { readonly expected: string; readonly got: string };
}

export interface Play {
  /** Every Canary that there was. */
  readonly roles: readonly Role[];
  readonly endings: readonly Ending[];
}

export interface PlayOptions {
  readonly stage: Stage;
  readonly cast: readonly Role[];
  /** Aborted when no further round begins. */
  readonly over: AbortSignal;
  /** Aborted when every round must have ended. */
  readonly deadline: AbortSignal;
}

/** Resolves when every script has come to its end or time is up. */
export async function play(options: PlayOptions): Promise<Play> {
  const roles: Role[] = [];
  const endings: Ending[] = [];
  await Promise.all(options.cast.map((role) => playRole(options, role, { roles, endings })));
  return { roles, endings };
}

interface Log {
  readonly roles: Role[];
  readonly endings: Ending[];
}

/** A script that deletes its Canary goes on with the next one. */
async function playRole(options: PlayOptions, first: Role, log: Log): Promise<void> {
  for (let life = 1, role = first; ; life += 1, role = reborn(first, life)) {
    log.roles.push(role);
    const isFinished = await playLife(options, role, log);
    if (!isFinished || options.over.aborted || role.script !== 'deleted') return;
  }
}

/** @returns whether every round came to its end */
async function playLife({ stage, over, deadline }: PlayOptions, role: Role, { endings }: Log): Promise<boolean> {
  const actor = createActor({ stage, role, signal: deadline });
  const canary = keyOf(role.place);
  let round = 0;
  const act = async (what: () => Promise<void>): Promise<boolean> => {
    const from = clock.now();
    const missed = await what().then(
      () => undefined,
      (error: unknown) => missedOf(error, deadline),
    );
    endings.push({ canary, round, from, at: clock.now(), ...(missed === undefined ? {} : { missed }) });
    return missed === undefined;
  };
  if (!(await act(() => actor.create()))) return false;
  do {
    round += 1;
    if (!(await act(() => rounds[role.script](actor)))) return false;
  } while (!over.aborted && role.script !== 'deleted');
  return true;
}

function missedOf(error: unknown, deadline: AbortSignal): { expected: string; got: string } {
  if (error instanceof Unfinished) return { expected: error.expected, got: error.got };
  if (deadline.aborted) return { expected: 'the script to go on', got: String(error) };
  throw error;
}
