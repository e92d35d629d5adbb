import type { Response } from 'undici';

export interface LimitedText {
  text: string;
  /** The body was longer than the limit. */
  truncated: boolean;
}

/** At most `maxBytes` (after decompression) of the body as UTF-8; the rest is not read and the connection is given up. */
export async function readBody(response: Response, maxBytes: number): Promise<LimitedText> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk.subarray(0, maxBytes - bytes);
    chunks.push(part);
    bytes += part.length;
    if (part.length < chunk.length) return { text: decode(chunks), truncated: true };
  }
  return { text: decode(chunks), truncated: false };
}

const decode = (chunks: readonly Uint8Array[]): string => new TextDecoder().decode(Buffer.concat(chunks));
