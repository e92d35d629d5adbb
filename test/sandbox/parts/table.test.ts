import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { projectDirectory } from '../../../sandbox/environment.ts';
import { imageRecipes } from '../../../sandbox/images.ts';
import { lightParts, nodeParts, partNamed, parts } from '../../../sandbox/parts/table.ts';

test('no two parts bear one name', (t) => {
  const names = parts.map(({ name }) => name);
  t.deepEqual([...new Set(names)], names);
});

test('every part has a way to be had, and compiling is the last one', (t) => {
  for (const { name, ways } of parts) {
    t.true(ways.length > 0, name);
    const firstBuild = ways.findIndex(({ kind }) => kind === 'go');
    t.true(firstBuild === -1 || firstBuild === ways.length - 1, name);
  }
});

test('every Go module of the table is there with its pinned versions', (t) => {
  const modules = parts.flatMap(({ ways }) => ways.flatMap((way) => (way.kind === 'go' ? [way.module] : [])));
  for (const module of modules) t.true(existsSync(join(projectDirectory, 'sandbox', 'go', module, 'go.mod')), module);
});

test('modes and images are made of parts that exist', (t) => {
  const needed = [...lightParts, ...nodeParts, ...Object.values(imageRecipes).flatMap((recipe) => [...recipe.parts])];
  for (const name of needed) t.is(partNamed(name).name, name);
});
