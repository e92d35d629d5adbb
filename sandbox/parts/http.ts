import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';

const connectMilliseconds = 5_000;
const silenceMilliseconds = 30_000;

/** Fetches release files. */
export interface Downloader {
  /** The text at `url`. */
  text(url: string): Promise<string>;
  /**
   * Writes what is at `url` to `file` and returns its SHA-256 in hexadecimal.
   * @throws Error when the host does not answer within 5 s, says anything but 200, or falls silent for 30 s.
   */
  file(url: string, file: string): Promise<string>;
}

/** A {@link Downloader} that asks a host that could not be reached no second time. */
export function createDownloader(): Downloader {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: connectMilliseconds },
    headersTimeout: silenceMilliseconds,
    bodyTimeout: silenceMilliseconds,
  });
  const unreachable = new Map<string, string>();

  const get = async (url: string) => {
    const { host } = new URL(url);
    const before = unreachable.get(host);
    if (before !== undefined) throw new Error(`${host} cannot be reached: ${before}`);
    const response = await fetch(url, { dispatcher }).catch((error: unknown) => {
      const reason = reasonOf(error);
      unreachable.set(host, reason);
      throw new Error(`${host} cannot be reached: ${reason}`, { cause: error });
    });
    if (response.status === 200 && response.body !== null) return { response, body: response.body };
    await response.body?.cancel();
    throw new Error(`GET ${url}: expected status 200, got ${response.status}`);
  };

  return {
    text: async (url) => (await get(url)).response.text(),
    file: async (url, file) => {
      const { body } = await get(url);
      const hash = createHash('sha256');
      const hashing = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(Readable.fromWeb(body), hashing, createWriteStream(file));
      return hash.digest('hex');
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/**
 * The SHA-256 of `file` in a published list: lines of `sum  name` or `sum *name`, or a single sum alone.
 * @throws Error when the list does not hold it.
 */
export function publishedChecksum(list: string, file: string): string {
  const lines = list.split('\n').map((line) => line.trim().split(/\s+\*?/));
  const named = lines.find(([sum, name]) => isSum(sum) && name !== undefined && baseName(name) === file);
  const alone = lines.find(([sum, name]) => isSum(sum) && name === undefined);
  const sum = (named ?? alone)?.[0];
  if (sum === undefined) throw new Error(`checksums: expected a SHA-256 for ${file}, found none`);
  return sum.toLowerCase();
}

const isSum = (text: string | undefined): boolean => text !== undefined && /^[0-9a-f]{64}$/i.test(text);
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
