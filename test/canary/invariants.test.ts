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
import { parametersOf } from './histories/parameters.ts';
import { histories } from './histories/property.ts';
import type { Shape } from './histories/shape.ts';

const parameters = parametersOf<[Incident[], Shape]>(process.env, { histories: 300 });

test('the invariants hold over random histories', (t) => {
  t.notThrows(() => fc.assert(histories, parameters));
  t.log(`${parameters.numRuns} histories`);
});
