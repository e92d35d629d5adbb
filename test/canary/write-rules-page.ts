/** Writes docs/rules.md; run from the root of the project after a build. */
import { writeFileSync } from 'node:fs';
import { rulesPage } from './rules-page.ts';

writeFileSync('docs/rules.md', rulesPage());
