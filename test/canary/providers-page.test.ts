import { readFileSync } from 'node:fs';
import test from 'ava';
import { providersPage } from './providers-page.ts';

test('docs/providers.md says what the table of capabilities says (write it anew: npm run docs:providers)', (t) => {
  t.is(readFileSync('docs/providers.md', 'utf8'), providersPage());
});
