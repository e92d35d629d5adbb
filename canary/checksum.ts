/**
 * The checksum that hooks are told: an opaque name of one revision of the target.
 *
 * Algorithm and vectors: specification of webhooks, section 4. Receivers compare it only for equality.
 */

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;
/** Without vowels and look-alikes, so that no word comes out. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * @param trackedConfigs `status.trackedConfigs`; undefined where configs are not tracked, which differs from none
 * @param lastAppliedSpec `status.lastAppliedSpec`; empty when nothing has been applied yet
 */
export function checksumOf(
  trackedConfigs: Readonly<Record<string, string>> | undefined,
  lastAppliedSpec: string,
): string {
  return encode(String(fnv1a(dump(trackedConfigs, lastAppliedSpec))));
}

function dump(trackedConfigs: Readonly<Record<string, string>> | undefined, lastAppliedSpec: string): string {
  const configs = trackedConfigs === undefined ? '<nil>' : `map[${dumpEntries(trackedConfigs)}]`;
  return (
    '(struct { TrackedConfigs *map[string]string; LastAppliedSpec string })' +
    `{TrackedConfigs:(*map[string]string)${configs} LastAppliedSpec:(string)${lastAppliedSpec}}`
  );
}

function dumpEntries(configs: Readonly<Record<string, string>>): string {
  return Object.entries(configs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hash]) => `${name}:${hash}`)
    .join(' ');
}

/** 32 bits over the UTF-8 bytes. */
function fnv1a(text: string): number {
  let hash = offsetBasis;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, prime);
  return hash >>> 0;
}

const encode = (digits: string): string =>
  Array.from(digits, (digit) => alphabet.charAt(digit.charCodeAt(0) % alphabet.length)).join('');
