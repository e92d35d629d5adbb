import { isRunning } from '../process-table.ts';
import { readDoor } from './bring-up.ts';
import { daemonNames } from './daemons.ts';
import { type NodeOptions, observeNode } from './start.ts';

/** What runs of a node, for a person. */
export async function describeNode(options: NodeOptions): Promise<{ readonly isUp: boolean; readonly text: string }> {
  const { layout, inside } = await observeNode(options);
  if (inside === undefined) return { isUp: false, text: `node ${layout.name}: down (${layout.directory})` };
  const daemons = daemonNames.map(
    (name) => `  ${name.padEnd(24)} ${inside.isDaemonRunning(name) ? 'runs' : 'does not run'}`,
  );
  const door = await readDoor(layout);
  const isOpen = door !== undefined && isRunning(door);
  const isUp = isOpen && daemonNames.every((name) => inside.isDaemonRunning(name));
  const api = isOpen ? `  API server at https://127.0.0.1:${door.port}` : '  API server cannot be reached from here';
  const head = `node ${layout.name}: ${isUp ? 'up' : 'started in part; `up` completes it'} (pid ${inside.init.pid}, ${layout.directory})`;
  return { isUp, text: [head, ...daemons, api, `  KUBECONFIG=${layout.path('kubeconfig')}`].join('\n') };
}
