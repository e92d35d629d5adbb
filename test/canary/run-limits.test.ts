/**
 * Random histories of canaries that share the places of runs: releases at once, revisions taken back, workers that die between
 * a place and the status that uses it, that hear late, a Redis that is emptied. `npm run test:histories` plays many more.
 *
 * A failure prints its seed and path; AVIARY_SEED and AVIARY_PATH replay it, AVIARY_HISTORIES sets the count.
 */
import test from 'ava';
import fc from 'fast-check';
import type { CrowdShape, Happening } from './histories/limits/happenings.ts';
import { crowds } from './histories/limits/property.ts';
import { parametersOf } from './histories/parameters.ts';

const parameters = parametersOf<[Happening[], CrowdShape]>(process.env, { histories: 60 });

test('limits of runs hold over random histories, and everybody has their turn', (t) => {
  t.notThrows(() => fc.assert(crowds, parameters));
  t.log(`${parameters.numRuns} histories`);
});
