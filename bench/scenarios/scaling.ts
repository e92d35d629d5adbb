/** Steps that wait for a hook, more of them than the workers can be at: what a worker more brings. */
import { nameOf } from '../../platform/kubernetes/object.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { throughputOf } from '../measure/throughput.ts';
import type { Throughput } from '../measure/throughput.ts';
import type { ScalingResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import { startHooks } from '../stage/hooks.ts';
import type { HookCall, Hooks } from '../stage/hooks.ts';
import type { Stage } from '../stage/stage.ts';
import type { Place } from '../world/objects.ts';
import { makePattern } from '../world/pattern.ts';
import type { Pattern } from '../world/pattern.ts';
import { writeSettled } from '../world/settled-world.ts';
import { placesIn, releaseAll } from '../world/world.ts';
import type { Inhabitant } from '../world/world.ts';

export interface ScalingOptions {
  /** How many canaries; 300 unless told. */
  readonly size?: number | undefined;
}

const usualSize = 300;
const hookMs = 200;
/** So few steps at a time that a worker waits for hooks, not for a processor: ten steps a second. */
const concurrency = 2;
const counts = [1, 2, 4];
/** The queue is filled by releases. Slots are rare beside them, and are no more than the workers can take. */
const intervalMs = 300_000;

/**
 * All canaries are released at once, again for each number of workers. Each step asks a gate, which takes its time and
 * stays shut: the next release finds them as the last one did.
 */
export async function measureScaling(stage: Stage, { size = usualSize }: ScalingOptions): Promise<ScalingResult> {
  const pattern = await makePattern(stage);
  return measureRounds(stage, pattern, { places: placesIn({ from: 0, to: size }), counts });
}

export interface Rounds {
  /** Where nothing is yet. */
  readonly places: readonly Place[];
  /** Numbers of workers. */
  readonly counts: readonly number[];
}

export async function measureRounds(
  stage: Stage,
  pattern: Pattern,
  { places, counts: all }: Rounds,
): Promise<ScalingResult> {
  const hooks = await startHooks(hookMs, { type: 'confirm-rollout', status: 403 });
  try {
    const { webhooks } = hooks;
    const inhabitants = await writeSettled(stage, pattern, { places, intervalMs, analysis: { webhooks } });
    const rounds: (Throughput & { workers: number })[] = [];
    for (const workers of all) {
      const label = `${places.length} steps that wait, with ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
      const measured = await stage.progress.during(label, () => measureRound(stage, hooks, { inhabitants, workers }));
      rounds.push({ workers, ...measured });
    }
    return { canaries: places.length, concurrency, hookMs, rounds };
  } finally {
    await hooks.close();
  }
}

interface Round {
  readonly inhabitants: readonly Inhabitant[];
  readonly workers: number;
}

async function measureRound(stage: Stage, { calls }: Hooks, { inhabitants, workers }: Round): Promise<Throughput> {
  const aviary = await startAviary(stage, { workers, env: { CONCURRENCY: String(concurrency) } });
  try {
    const begun = calls.length;
    await releaseAll(stage, inhabitants, `with-${workers}`);
    await untilAllAsked(() => calls.slice(begun), inhabitants);
    return throughputOf(calls.slice(begun).map(({ at }) => at));
  } finally {
    await aviary.stop();
  }
}

/** Ten times of what one worker takes: from there on somebody has to look. */
const patienceMs = (10 * hookMs) / concurrency;
const leastSeconds = 60;

async function untilAllAsked(calls: () => readonly HookCall[], inhabitants: readonly Inhabitant[]): Promise<void> {
  const left = (): number => {
    const asked = new Set(calls().map(({ canary }) => canary));
    return inhabitants.filter((one) => !asked.has(nameOf(one))).length;
  };
  await waitFor({
    what: `${inhabitants.length} canaries to ask their gate`,
    seconds: leastSeconds + (patienceMs * inhabitants.length) / 1_000,
    every: 100,
    look: () => (left() === 0 ? true : undefined),
    explain: () => `${left()} have not`,
  });
}
