/** Writes the definitions of the objects and the page about their fields; run from the root of the project after a build. */
import { writeFileSync } from 'node:fs';
import { definitionFile, definitionPath } from './definition.ts';
import { fieldsPage, fieldsPagePath } from './fields-page.ts';
import { kinds } from './kinds.ts';

for (const kind of kinds) writeFileSync(definitionPath(kind), definitionFile(kind));
writeFileSync(fieldsPagePath, fieldsPage());
