/** The connections between one process and one server, which can be broken on the way. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Line {
  /** Port on loopback that stands for the server. */
  readonly port: number;
  /** Breaks what is open and refuses what comes. */
  cut(): void;
  /** What is open and what comes stays open, and nothing is carried. */
  silence(): void;
  /** Carries on: what was kept back in the silence arrives late, as on a network. */
  mend(): void;
  close(): Promise<void>;
}

type State = 'open' | 'cut' | 'silent';

export async function openLine(serverPort: number): Promise<Line> {
  const way: Way = { state: 'open', sockets: new Set() };
  const server = createServer((near) => accept(way, near, serverPort));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { sockets } = way;
  const breakAll = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      way.state = 'cut';
      breakAll();
    },
    silence: () => {
      way.state = 'silent';
      sockets.forEach((socket) => socket.pause());
    },
    mend: () => {
      way.state = 'open';
      sockets.forEach((socket) => socket.resume());
    },
    close: async () => {
      server.close();
      breakAll();
      await once(server, 'close');
    },
  };
}

interface Way {
  state: State;
  readonly sockets: Set<Socket>;
}

function accept(way: Way, near: Socket, serverPort: number): void {
  if (way.state === 'cut') {
    near.resetAndDestroy();
    return;
  }
  const far = connect(serverPort, '127.0.0.1');
  carry(near, far, () => way.state === 'silent');
  carry(far, near, () => way.state === 'silent');
  for (const socket of [near, far]) {
    way.sockets.add(socket);
    if (way.state === 'silent') socket.pause();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => way.sockets.delete(socket));
  }
}

function carry(from: Socket, to: Socket, isSilent: () => boolean): void {
  from.on('data', (chunk) => {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (!isSilent()) from.resume();
    });
  });
  from.once('close', () => to.destroy());
  from.once('end', () => to.end());
}
