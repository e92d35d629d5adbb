/**
 * Random histories: releases good and bad, pods that vanish, an API server that fails, jobs lost and doubled, workers
 * that die before or after any action. Whatever happens, the invariants of the design hold at every action, and when
 * the disturbances end the canary arrives where its last release says. `npm run test:histories` plays many more.
 *
 * A failure prints its seed and path; AVIARY_SEED and AVIARY_PATH replay it, AVIARY_HISTORIES sets the count.
 */
import test from 'ava';
import fc from 'fast-check';
import type { Incident } from './histories/incidents.ts';
import { histories } from './histories/property.ts';
import type { Shape } from './histories/shape.ts';

const environment = process.env;
/** Everywhere else each run plays other histories; in CI a change is judged by its own merit, so the seed is pinned. */
const seed = environment['AVIARY_SEED'] ?? (environment['CI'] === undefined ? undefined : '20261124');
const parameters: fc.Parameters<[Incident[], Shape]> = {
  includeErrorInReport: true,
  numRuns: Number(environment['AVIARY_HISTORIES'] ?? 300),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(environment['AVIARY_PATH'] === undefined ? {} : { path: environment['AVIARY_PATH'] }),
};

test('the invariants hold over random histories', (t) => {
  t.notThrows(() => fc.assert(histories, parameters));
  t.log(`${parameters.numRuns} histories`);
});
