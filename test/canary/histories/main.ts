/**
 * Plays many random histories on all cores: `npm run test:histories`. What they prove stands in property.ts, and of canaries
 * that share the places of runs in limits/property.ts.
 *
 * AVIARY_HISTORIES sets how many, AVIARY_SEED the seed that the seeds of all batches are counted from; in CI it is
 * pinned, so that a change is judged by its own merit.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { pinnedSeed } from './parameters.ts';
import type { Batch, Played } from './player.ts';

const batchSize = 250;
/** Every so many batches one is about canaries that share the places of runs, which takes five times as long. */
const placesEvery = 8;
const progressEveryMs = 10_000;

interface Campaign {
  readonly seed: number;
  readonly total: number;
}

/** Where a campaign stands; the processes are served from it. */
interface Standing {
  handedOut: number;
  played: number;
  failure: (Exclude<Played['failure'], undefined> & Pick<Batch, 'about'>) | undefined;
}

function nextBatch({ seed, total }: Campaign, standing: Standing): Batch | undefined {
  if (standing.failure !== undefined || standing.handedOut >= total) return undefined;
  const index = standing.handedOut / batchSize;
  const about = index % placesEvery === placesEvery - 1 ? ('places' as const) : ('canary' as const);
  const batch = {
    about,
    seed: seed + index,
    histories: Math.min(batchSize, total - standing.handedOut),
  };
  standing.handedOut += batchSize;
  return batch;
}

/** One process, until nothing is left or one has failed. */
function playInProcess(campaign: Campaign, standing: Standing): Promise<void> {
  const player = fork(new URL('./player.js', import.meta.url));
  let batch: Batch | undefined;
  const goOn = (): void => {
    batch = nextBatch(campaign, standing);
    if (batch === undefined) player.disconnect();
    else player.send(batch);
  };
  player.on('message', ({ histories, failure }: Played) => {
    standing.played += histories;
    standing.failure ??= failure && { ...failure, about: batch?.about ?? 'canary' };
    goOn();
  });
  goOn();
  return new Promise((resolve, reject) => {
    player.on('error', reject);
    player.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`a process that plays histories ended with ${signal ?? code}, expected 0`));
    });
  });
}

async function playAll(campaign: Campaign): Promise<Standing> {
  const standing: Standing = { handedOut: 0, played: 0, failure: undefined };
  const progress = setInterval(() => console.log(`${standing.played} of ${campaign.total}`), progressEveryMs);
  const players = Array.from({ length: availableParallelism() }, () => playInProcess(campaign, standing));
  await Promise.all(players).finally(() => clearInterval(progress));
  return standing;
}

function campaignOf(environment: NodeJS.ProcessEnv): Campaign {
  const pinned = environment['CI'] === undefined ? undefined : pinnedSeed;
  const seed = Number(environment['AVIARY_SEED'] ?? pinned ?? Date.now() % 2 ** 30);
  const total = Number(environment['AVIARY_HISTORIES'] ?? 20_000);
  if (!Number.isInteger(seed)) throw new Error(`AVIARY_SEED: expected an integer, got '${environment['AVIARY_SEED']}'`);
  if (!Number.isInteger(total) || total < 1) {
    throw new Error(`AVIARY_HISTORIES: expected a count of at least 1, got '${environment['AVIARY_HISTORIES']}'`);
  }
  return { seed, total };
}

const campaign = campaignOf(process.env);
console.log(`${campaign.total} histories on ${availableParallelism()} processes, seed ${campaign.seed}`);
const started = performance.now();
const { played, failure } = await playAll(campaign);
const seconds = Math.round((performance.now() - started) / 1000);
if (failure === undefined) {
  console.log(`${played} histories hold, in ${seconds} s`);
} else {
  const file = failure.about === 'places' ? 'run-limits' : 'invariants';
  const again = `AVIARY_SEED=${failure.seed} AVIARY_PATH=${failure.path} npx ava out/test/canary/${file}.test.js`;
  console.error(`${failure.report}\n\nA random history fails, found within ${played}. Play it again: ${again}`);
  process.exitCode = 1;
}
