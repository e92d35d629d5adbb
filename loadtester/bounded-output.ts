/** What a command printed, never more than a fixed number of bytes of it: its beginning and its end. */
export interface BoundedOutput {
  append: (chunk: Buffer) => void;
  /** As UTF-8; a remark stands where bytes were left out. */
  text: () => string;
}

/** @param maxBytes kept at most, half of it from the beginning; at least 2 */
export function createBoundedOutput(maxBytes: number): BoundedOutput {
  const half = Math.floor(maxBytes / 2);
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let total = 0;

  const append = (chunk: Buffer): void => {
    total += chunk.length;
    const room = half - head.length;
    if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(room, 0));
    if (rest.length > 0) tail = Buffer.concat([tail, rest]).subarray(-half);
  };

  const text = (): string => {
    const leftOut = total - head.length - tail.length;
    if (leftOut === 0) return Buffer.concat([head, tail]).toString('utf8');
    return `${head.toString('utf8')}\n… ${leftOut} bytes left out …\n${tail.toString('utf8')}`;
  };

  return { append, text };
}
