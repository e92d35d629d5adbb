/** Whoever dies before or after any effect of any phase, or is overtaken before it, leaves nothing lost and nothing done twice: invariants 5, 7 and 8. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { Phase } from '../../canary/canary.ts';
import { actionKinds } from '../canary/crash-kinds.ts';
import { crashMatrix } from '../canary/crash-matrix.ts';
import { crashesPage, tableOf } from '../canary/crashes-page.ts';

const cells = crashMatrix();

test('neither a crash before or after any effect nor a conflict at any write changes anything about the end', (t) => {
  t.log(tableOf(cells));
  t.deepEqual(
    cells.flatMap(({ phase, effect, broken }) => broken.map((what) => `${phase}, ${effect}: ${what}`)),
    [],
  );
});

test('every kind of action and every phase is crashed in', (t) => {
  const effects = new Set(cells.map(({ effect }) => effect));
  const phases = new Set(cells.map(({ phase }) => phase));
  t.deepEqual(
    actionKinds.filter((kind) => !effects.has(kind)),
    [],
    'a story that performs it: test/canary/crash-stories.ts',
  );
  t.deepEqual(
    Object.values(Phase).filter((phase) => !phases.has(phase)),
    [],
  );
});

test('docs/crashes.md says what the matrix finds', (t) => {
  t.is(readFileSync('docs/crashes.md', 'utf8'), crashesPage(cells), 'write it anew: npm run docs:crashes');
});
