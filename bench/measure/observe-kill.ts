/** Kills a worker in the middle of its steps and watches the canaries go on. */
import { systemClock as clock } from '../../platform/clock.ts';
import { signal } from '../../sandbox/process-table.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { KillResult } from '../results.ts';
import type { Aviary, Program } from '../stage/aviary.ts';
import type { HookCall } from '../stage/hooks.ts';
import type { Stage } from '../stage/stage.ts';
import type { Inhabitant } from '../world/world.ts';
import { viewSteps } from './finished-jobs.ts';
import { openLeases } from './holder.ts';
import type { Leases } from './holder.ts';
import { distancesOf, questionsOf, resumptionOf } from './kill-figures.ts';
import { afterwardsMs, punctualityOf } from './slots.ts';
import { recordSteps } from './steps-taken.ts';

export interface KillOptions {
  /** Their runs are under way. */
  readonly inhabitants: readonly Inhabitant[];
  /** What their hook was asked so far; grows. */
  readonly calls: readonly HookCall[];
  readonly beforeMs: number;
  /** How long is looked at what comes of it. */
  readonly afterMs: number;
}

/** The first of the workers dies by SIGKILL, and does not come back. */
export async function observeKill(stage: Stage, aviary: Aviary, options: KillOptions): Promise<KillResult> {
  const { inhabitants, beforeMs, afterMs } = options;
  const leases = openLeases(stage.light.redisUrl, inhabitants);
  const view = viewSteps(stage.light.redisUrl);
  const recorder = await recordSteps(stage);
  try {
    const after = clock.now();
    await clock.sleep(beforeMs);
    const end = await killAtWork(aviary.workers[0], leases);
    await clock.sleep(afterMs);
    const until = clock.now();
    const calls = options.calls.filter(({ at }) => at >= after);
    await clock.sleep(afterwardsMs(inhabitants));
    const seen = { inhabitants, calls, steps: recorder.steps, ...end };
    return {
      canaries: inhabitants.length,
      workers: aviary.workers.length,
      resumption: resumptionOf(seen),
      distances: distancesOf(seen),
      questions: questionsOf(seen),
      punctuality: punctualityOf(inhabitants, await view.finished(after), { after, until }),
    };
  } finally {
    await recorder.stop();
    await view.close();
    leases.close();
  }
}

interface WorkerEnd {
  /** Epoch milliseconds. */
  readonly killedAt: number;
  readonly held: readonly string[];
}

async function killAtWork(victim: Program | undefined, leases: Leases): Promise<WorkerEnd> {
  if (victim === undefined) throw new Error('kill: expected a worker to kill, got none; start two');
  const { name, identity } = victim.server;
  const held = await waitFor({
    what: `${name} to be in the middle of a step`,
    seconds: 60,
    every: 5,
    look: async () => {
      // Frozen, it cannot end the step between the look and the kill.
      signal(identity, 'SIGSTOP');
      const found = await leases.heldBy(name);
      if (found.length > 0) return found;
      signal(identity, 'SIGCONT');
      return undefined;
    },
  });
  await victim.server.kill();
  return { killedAt: clock.now(), held };
}
