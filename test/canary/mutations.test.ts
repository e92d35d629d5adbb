/** The list of mutations follows the rules: `npm run mutations` breaks them one by one. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { mutations, occurrences } from './mutations/mutations.ts';

for (const mutation of mutations) {
  test(`the text of the mutation occurs once: ${mutation.rule}`, (t) => {
    t.is(occurrences(mutation, readFileSync(`out/canary/${mutation.file}.js`, 'utf8')), 1, mutation.text);
  });
}
