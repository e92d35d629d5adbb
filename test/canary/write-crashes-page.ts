/** Writes docs/crashes.md; run from the root of the project after a build. */
import { writeFileSync } from 'node:fs';
import { crashMatrix } from './crash-matrix.ts';
import { crashesPage } from './crashes-page.ts';

writeFileSync('docs/crashes.md', crashesPage(crashMatrix()));
