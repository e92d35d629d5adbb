import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs `work` while no other process (or other caller in this one) runs work under the same `name`.
 *
 * The lock is a socket in Linux's abstract namespace: the kernel frees it when its owner dies, however it dies, so
 * there is no stale lock to clean up. It holds among processes of one user in one network namespace.
 * @param onWait called once if somebody else has the lock.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  const address = addressOf(name);
  let told = false;
  for (;;) {
    const lock = await tryLock(address);
    if (lock !== undefined) {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    if (!told) onWait();
    told = true;
    await released(address);
  }
}

/** Whether somebody has the lock at this moment. */
export async function isLocked(name: string): Promise<boolean> {
  const lock = await tryLock(addressOf(name));
  await lock?.release();
  return lock === undefined;
}

const addressOf = (name: string): string => {
  const digest = createHash('sha256').update(`${userInfo().uid} ${name}`).digest('hex').slice(0, 32);
  return `\0aviary-sandbox-${digest}`;
};

interface HeldLock {
  release(): Promise<void>;
}

async function tryLock(address: string): Promise<HeldLock | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => waiting.delete(socket));
    socket.resume();
  });
  if (!(await listens(server, address))) return undefined;
  server.unref();
  return {
    release: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
}

function listens(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve(true));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(address);
  });
}

/** Resolves when the owner lets go (it closes the connection) or is gone (it refuses one). */
async function released(address: string): Promise<void> {
  const socket = connect(address);
  await new Promise<void>((resolve) => {
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.resume();
  });
  await pause(10);
}
