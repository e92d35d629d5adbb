/** A worker in a process of its own that has begun a step and holds it until it is killed. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { aDueStep } from './step-workers.ts';
import type { StepBench } from './step-workers.ts';

/** Resolves when it holds the step of `podinfo`, which is added for it; the test's end kills it. */
export async function holdStep(t: ExecutionContext, { queue, prefix }: StepBench, url: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./step-worker-process.js', import.meta.url));
  const child = spawn(process.execPath, [script, url, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await queue.addDue([aDueStep('podinfo')]);
  for await (const line of createInterface({ input: child.stdout })) if (line === 'held podinfo') return child;
  throw new Error(`a worker that holds a step: expected 'held podinfo', got the end of its output`);
}
