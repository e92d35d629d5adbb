/**
 * Requests that were lost with a connection that had served others. A server may close one that it keeps open while a request
 * is on its way there: nobody has looked at that request, and the server may be in good order.
 */
import type { Socket } from 'node:net';

const lostInUse = new WeakSet<Error>();

/** Keeps in mind how a connection ends if anything had been answered over it by then. */
export function noteLoss(socket: Socket): void {
  socket.on('error', (error) => {
    if (socket.bytesRead > 0) lostInUse.add(error);
  });
}

/** Whether this is how fetch says that a request was lost so. */
export const isLostInUse = ({ cause }: Error): boolean => cause instanceof Error && lostInUse.has(cause);
