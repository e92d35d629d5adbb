/**
 * Breaks each rule of mutations.ts in a copy of what was built, plays random histories on it until one fails, and writes
 * docs/proofs.md. Fails when a mutation survives or its text does not occur exactly once. Run from the root of the
 * project: `npm run mutations`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Played } from '../histories/player.ts';
import { mutations, occurrences } from './mutations.ts';
import type { Mutation } from './mutations.ts';

const scratch = 'out/mutated';
/** A mutation that so many histories do not notice has survived. */
const bound = 20_000;
const seed = 20261124;
const longestMs = 120_000;

function build(mutation: Mutation): void {
  rmSync(scratch, { recursive: true, force: true });
  for (const folder of ['canary', 'platform', 'queue', 'sandbox/simulated', 'test/canary', 'worker']) {
    cpSync(`out/${folder}`, `${scratch}/${folder}`, { recursive: true });
  }
  const path = `${scratch}/canary/${mutation.file}.js`;
  const built = readFileSync(path, 'utf8');
  const count = occurrences(mutation, built);
  if (count !== 1) {
    throw new Error(`${mutation.file}: expected '${mutation.text}' once, got ${count}; follow it in mutations.ts`);
  }
  writeFileSync(
    path,
    built.replace(mutation.text, () => mutation.replacement),
  );
}

/** Plays histories on the copy, in a process that ends with the first failure or after the bound. */
async function playMutated(): Promise<Played> {
  const player = fork(resolve(`${scratch}/test/canary/histories/player.js`), { timeout: longestMs });
  player.send({ seed, histories: bound });
  const ended = once(player, 'exit').then(([code, signal]) => {
    throw new Error(`the process that plays histories ended with ${String(signal ?? code)} before it had an answer`);
  });
  const [played] = (await Promise.race([once(player, 'message'), ended])) as [Played];
  ended.catch(() => undefined);
  player.disconnect();
  return played;
}

/** What failed, without where everything stood at that moment. */
const propertyOf = ({ reason }: NonNullable<Played['failure']>): string => reason.replace(/: \{.*$/s, '');

const cell = (text: string): string => text.replaceAll('|', '\\|');

async function prove(mutation: Mutation): Promise<string> {
  build(mutation);
  const { histories, failure } = await playMutated();
  if (failure === undefined) throw new Error(`survived ${histories} histories: ${mutation.rule}`);
  console.log(`${histories}\t${mutation.rule}: ${propertyOf(failure)}`);
  const where = `\`canary/${mutation.file}.ts\``;
  return `| ${cell(mutation.rule)} | ${where} | ${cell(propertyOf(failure))} | ${histories} |`;
}

const introduction = `# Proofs

Each rule of this list was broken on purpose, alone, and random histories of a canary were played until one broke a
property of the design: what it said is in the third column, how many it took in the last. Written by
\`npm run mutations\`, which fails when a mutation survives; the list is in
[mutations.ts](../test/canary/mutations/mutations.ts), the properties are in
[property.ts](../test/canary/histories/property.ts) and the watches of the simulated cluster beside it.

| Rule that was broken | In | What noticed | Histories |
| --- | --- | --- | --- |`;

const lines: string[] = [];
const survivors: string[] = [];
for (const mutation of mutations) {
  try {
    lines.push(await prove(mutation));
  } catch (error) {
    survivors.push(String(error));
    console.error(String(error));
  }
}
rmSync(scratch, { recursive: true, force: true });
if (survivors.length === 0) writeFileSync('docs/proofs.md', `${[introduction, ...lines].join('\n')}\n`);
else process.exitCode = 1;
