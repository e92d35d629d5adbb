/** Writes docs/providers.md; run from the root of the project after a build. */
import { writeFileSync } from 'node:fs';
import { providersPage } from './providers-page.ts';

writeFileSync('docs/providers.md', providersPage());
