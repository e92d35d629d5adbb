import { connect, type Server, type Socket } from 'node:net';

/** Sent along with a listening socket: connections to it go to this address. */
export interface RelayTarget {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Runs inside the node with listening sockets of the machine: a socket belongs to the network in which it was opened,
 * so what the machine connects to is answered from within the node.
 */
function relay(server: Server, { host, port }: RelayTarget): void {
  server.on('connection', (client: Socket) => {
    const target = connect(port, host);
    client.setNoDelay(true);
    target.setNoDelay(true);
    client.pipe(target).pipe(client);
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  });
}

const servers = new Map<number, Server>();

process.on('message', (message: RelayTarget | { readonly close: number }, handle: unknown) => {
  if ('close' in message) {
    servers.get(message.close)?.close();
    servers.delete(message.close);
    return;
  }
  const server = handle as Server;
  servers.set(message.id, server);
  relay(server, message);
  process.send?.({ ready: message.id });
});

// A relay that is to outlive its starter is told so; any other ends with it.
if (!process.argv.includes('--stay')) process.on('disconnect', () => process.exit(0));
