import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { builtProgram } from '../environment.ts';
import { identify, type ProcessIdentity } from '../process-table.ts';
import type { Inside } from './inside.ts';
import type { RelayTarget } from './relay-main.ts';

/** An address inside the node that can be reached from the machine. */
export interface ForwardedPort {
  /** Loopback port of the machine. */
  readonly port: number;
  readonly address: string;
  close(): void;
}

/** What is to be reached: a Service (`podinfo.test`) or an address, and its port. */
export interface ForwardTarget {
  readonly host: string;
  readonly port: number;
  /** Loopback port of the machine; a free one when left out. */
  readonly localPort?: number;
}

/** Lets the machine reach addresses inside the node. */
export interface Relay {
  /** Its process as the machine sees it. */
  readonly identity: ProcessIdentity;
  forward(target: ForwardTarget): Promise<ForwardedPort>;
  /** Lets go of the process; it ends, or stays with the node if it was started to stay. */
  release(): void;
}

/** How a relay is started. */
export interface RelayOptions {
  readonly inside: Inside;
  readonly logFile: string;
  /** Whether it outlives this process. */
  readonly stays: boolean;
}

/** Starts a relay; it ends with the node at the latest. */
export function createRelay({ inside, logFile, stays }: RelayOptions): Relay {
  const log = openSync(logFile, 'a');
  const program = [process.execPath, builtProgram('node/relay-main.js'), ...(stays ? ['--stay'] : [])];
  const [command, ...args] = inside.wrap(program);
  const child = spawn(command, args, { env: { ...inside.env }, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  child.unref();
  child.channel?.unref();
  const waiting = new Map<number, Waiting>();
  child.on('message', ({ ready }: { readonly ready: number }) => waiting.get(ready)?.resolve());
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the relay inside the node ended'));
  });
  const pid = child.pid ?? 0;
  return {
    identity: identify(pid) ?? { pid, started: 0 },
    forward: async (target) => {
      const id = (lastId += 1);
      const accepted = new Promise<void>((resolve, reject) => waiting.set(id, { resolve, reject }));
      const port = await handOver({ child, id, target, accepted });
      waiting.delete(id);
      const close = (): void => {
        if (child.connected) child.send({ close: id });
      };
      return { port, address: `127.0.0.1:${port}`, close };
    },
    release: () => {
      if (child.connected) child.disconnect();
    },
  };
}

let lastId = 0;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface HandOver {
  readonly child: ChildProcess;
  readonly id: number;
  readonly target: ForwardTarget;
  /** Settles when the relay has the socket. */
  readonly accepted: Promise<void>;
}

/** Opens a socket on the machine and hands it to the relay; returns its port. */
async function handOver({ child, id, target, accepted }: HandOver): Promise<number> {
  const server = createServer().listen(target.localPort ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  child.channel?.ref();
  try {
    const message: RelayTarget = { id, host: target.host, port: target.port };
    child.send(message, server);
    await accepted;
  } finally {
    child.channel?.unref();
    server.close();
  }
  return port;
}
