import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { GuardOrder } from './guard.ts';
import { isRunning, type ProcessIdentity, signal } from './process-table.ts';
import { run } from './run.ts';
import { waitFor } from './wait.ts';

const politeSeconds = 3;

const watched = new Map<number, ProcessIdentity>();
const directories = new Set<string>();
const commands: [string, ...string[]][] = [];

function obey(order: GuardOrder): void {
  switch (order.kind) {
    case 'watch':
      watched.set(order.process.pid, order.process);
      break;
    case 'forget':
      watched.delete(order.pid);
      break;
    case 'remove':
      directories.add(order.directory);
      break;
    case 'run':
      commands.push([...order.argv]);
      break;
    case 'dismiss':
      watched.clear();
      directories.clear();
      commands.length = 0;
      break;
  }
}

async function cleanUp(): Promise<void> {
  const processes = [...watched.values()];
  for (const process of processes) signal(process, 'SIGTERM');
  const gone = waitFor({
    what: 'watched processes to end',
    seconds: politeSeconds,
    look: () => (processes.some(isRunning) ? undefined : true),
  });
  await gone.catch(() => {
    for (const process of processes) signal(process, 'SIGKILL');
  });
  for (const argv of commands) await run({ argv, seconds: 120 });
  await Promise.all([...directories].map((path) => rm(path, { recursive: true, force: true, maxRetries: 5 })));
}

// Signals that end the owner's terminal session must not end its guard first.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line) as GuardOrder);
}
await cleanUp();
