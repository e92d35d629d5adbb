/**
 * Environment variables that a container sets twice. The API server stores them, and the last one counts, but
 * server-side apply knows a variable by its name and takes no list that names one twice.
 */
import { arrayAt, isRecord, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { AdapterError } from '../context.ts';

const lists: readonly string[] = ['containers', 'initContainers'];

/**
 * The pod spec with only the last setting of each variable, which leaves every container the same environment.
 *
 * @throws AdapterError with reason `invalid` when a value in between refers to an earlier setting, which is then needed
 */
export function withoutRepeatedVariables(podSpec: JsonRecord): JsonRecord {
  const changed = lists.flatMap((list) => {
    const containers = podSpec[list];
    return Array.isArray(containers) ? [[list, containers.map(withLastSettings)] as const] : [];
  });
  return { ...podSpec, ...Object.fromEntries(changed) };
}

function withLastSettings(container: unknown): unknown {
  if (!isRecord(container)) return container;
  const env = arrayAt(container, 'env');
  const names = env.map((variable) => stringAt(variable, 'name'));
  if (new Set(names).size === names.length) return container;
  return {
    ...container,
    env: env.filter((_, index) => {
      const name = names[index] ?? '';
      const last = names.lastIndexOf(name);
      if (last !== index) refuseReference({ container, name, values: env.slice(index + 1, last + 1) });
      return last === index;
    }),
  };
}

interface Repeated {
  readonly container: JsonRecord;
  readonly name: string;
  /** Variables that are set while the earlier setting holds. */
  readonly values: readonly unknown[];
}

function refuseReference({ container, name, values }: Repeated): void {
  if (!values.some((variable) => stringAt(variable, 'value')?.includes(`$(${name})`) ?? false)) return;
  throw new AdapterError(
    'invalid',
    `container ${stringAt(container, 'name')}: expected each environment variable once, got ${name} twice with ` +
      `a reference $(${name}) in between; give the two settings different names`,
  );
}
