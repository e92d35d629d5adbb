/**
 * Steps of which nobody knows what the canary's last step has seen: Redis was emptied, or the last step is long ago. A watch
 * may lag behind that one, by seconds after an outage, and what it tells is then the past.
 *
 *   under way ──▶ everything is asked of the API server
 *   at rest ────▶ the Canary is, before the first write: most steps write nothing
 */
import { isAtRest } from '../../canary/rest.ts';
import { parseStatus } from '../../canary/parse-status.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { StatusConflict } from './save-status.ts';
import type { StatusSaver } from './save-status.ts';
import type { Turn } from './turn.ts';

type Client = Pick<KubernetesClient, 'get'>;
type Step = Pick<Turn, 'job' | 'signal' | 'seen' | 'fence'>;

/**
 * The Canary of a step. Once it has found one under way without knowing of its last step, no cache answers the step.
 *
 * @throws KubernetesError when it cannot be read or is gone
 */
export async function readSurely({ client }: { readonly client: Client }, step: Step): Promise<KubernetesObject> {
  const object = await read(client, step);
  if (!step.seen.isUnsure || !isUnderWay(object)) return object;
  step.seen.distrust();
  return read(client, step);
}

async function read(client: Client, { job, signal, seen }: Step): Promise<KubernetesObject> {
  const { namespace, name } = job.canary;
  const object = await client.get(canaries, { namespace, name }, { signal, notBefore: seen.notBefore });
  seen.note(canaries, object);
  return object;
}

/** A canary without a phase has no last step. */
function isUnderWay(object: KubernetesObject): boolean {
  const status = parseStatus(object['status']);
  return status.phase !== undefined && !isAtRest(status);
}

/**
 * The fence of a step that may have read an old Canary: before its first write it asks for the version that there is.
 * A status that was saved has proven it, too.
 *
 * @throws StatusConflict when the Canary has moved on
 */
export function assured(client: Client, step: Step, saver: Pick<StatusSaver, 'version'>): () => Promise<void> {
  const versionRead = saver.version();
  let asked: Promise<void> | undefined;
  return async () => {
    const isProven = !step.seen.isUnsure || saver.version() !== versionRead;
    if (!isProven) await (asked ??= expectVersion(client, step, versionRead));
    await step.fence();
  };
}

async function expectVersion(client: Client, { job, signal, seen }: Step, expected: string | undefined): Promise<void> {
  const { namespace, name } = job.canary;
  const now = await client.get(canaries, { namespace, name }, { signal, fresh: true }).catch(unlessGone);
  if (now !== undefined) seen.note(canaries, now);
  const found = now?.metadata.resourceVersion;
  if (found === expected) return;
  throw new StatusConflict(
    `Canary ${nameOf(job.canary)}: expected version ${expected}, as a watch has it, got ${found ?? 'none'}`,
  );
}

function unlessGone(error: unknown): undefined {
  if (!isKubernetesError(error, 'notFound')) throw error;
}
