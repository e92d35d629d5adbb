/** Resolves as soon as the condition holds; fails with `what` after `boundMs` of real time (default 5 s). */
export async function waitUntil(what: string, holds: () => boolean, boundMs = 5_000): Promise<void> {
  const giveUpAt = performance.now() + boundMs;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`expected within ${boundMs} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
