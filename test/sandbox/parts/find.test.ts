import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readEnvironment } from '../../../sandbox/environment.ts';
import { createFinders } from '../../../sandbox/parts/find.ts';
import type { FoundPart, Part } from '../../../sandbox/parts/part.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function program(directory: string, name: string, says = ''): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`);
  await chmod(path, 0o755);
  return path;
}

async function look(part: Part, variables: Record<string, string>) {
  const rejected: string[] = [];
  for (const finder of createFinders(readEnvironment(variables))) {
    const found: FoundPart | undefined = await finder.find(part, (reason) => rejected.push(reason));
    if (found !== undefined) return { path: found.path, origin: found.origin, rejected };
  }
  return { rejected };
}

const part = (extra: Partial<Part> = {}): Part => ({
  name: 'odd-thing',
  purpose: 'a test',
  program: 'odd-thing',
  ways: [],
  ...extra,
});

test('a program named by its variable wins over PATH', async (t) => {
  const [named, onPath] = [await temporaryFolder(t), await temporaryFolder(t)];
  const path = await program(named, 'other-name');
  await program(onPath, 'odd-thing');
  const seen = await look(part(), { PATH: onPath, AVIARY_PART_ODD_THING: path });
  t.deepEqual(seen, { path, origin: 'AVIARY_PART_ODD_THING', rejected: [] });
});

test('a variable that names no program is an error, not a reason to look elsewhere', async (t) => {
  await t.throwsAsync(look(part(), { AVIARY_PART_ODD_THING: '/nowhere/thing' }), {
    message: "AVIARY_PART_ODD_THING: expected a program, got '/nowhere/thing'",
  });
});

test('KUBEBUILDER_ASSETS is searched for its three programs and for no other', async (t) => {
  const assets = await temporaryFolder(t);
  const etcd = await program(assets, 'etcd');
  await program(assets, 'odd-thing');
  const variables = { KUBEBUILDER_ASSETS: assets, PATH: '' };
  t.like(await look({ ...part(), name: 'etcd', program: 'etcd' }, variables), { path: etcd });
  t.is((await look(part(), variables)).path, undefined);
});

test('a program of the wrong version is passed over with its reason for one that fits', async (t) => {
  const [first, second] = [await temporaryFolder(t), await temporaryFolder(t)];
  const old = await program(first, 'odd-thing', 'odd v1.2');
  const path = await program(second, 'odd-thing', 'odd v2.0');
  const version = { args: ['--version'], pattern: /v2\./, expected: 'v2.x' };
  const seen = await look(part({ version }), { PATH: `${first}:${second}` });
  t.deepEqual(seen, { path, origin: 'PATH', rejected: [`${old}: expected v2.x, got 'odd v1.2'`] });
});

test('a program without the files it needs beside it is passed over', async (t) => {
  const directory = await temporaryFolder(t);
  const lonely = await program(directory, 'odd-thing');
  const seen = await look(part({ beside: ['helper'] }), { PATH: directory });
  t.deepEqual(seen, { rejected: [`${lonely}: expected ${join(directory, 'helper')} beside it`] });
});
