/** How many histories a test plays, and which: as its environment says. */
import type fc from 'fast-check';

/** Everywhere else each run plays other histories; in CI a change is judged by its own merit, so the seed is pinned. */
export const pinnedSeed = '20261124';

export function parametersOf<Drawn>(
  environment: NodeJS.ProcessEnv,
  { histories }: { readonly histories: number },
): fc.Parameters<Drawn> {
  const seed = environment['AVIARY_SEED'] ?? (environment['CI'] === undefined ? undefined : pinnedSeed);
  const path = environment['AVIARY_PATH'];
  return {
    includeErrorInReport: true,
    numRuns: Number(environment['AVIARY_HISTORIES'] ?? histories),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  };
}
