import { setMaxListeners } from 'node:events';

/**
 * Calls `fn` with the reason when the signal aborts, at once when it has; the function returned takes it back. Unlike
 * `AbortSignal.any`, nothing stays behind on a signal that lives as long as the process.
 */
export function onAbort(signal: AbortSignal | undefined, fn: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => undefined;
  const listener = (): void => fn(signal.reason);
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  // One signal ends hundreds of steps: Node would warn of a leak at eleven. Not 0, with which Node's getMaxListeners fails.
  setMaxListeners(Number.POSITIVE_INFINITY, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
