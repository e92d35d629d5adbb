import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import { hasRepeatedItems } from '../../../worker/targets/repeated-items.ts';

const port = (name: string, containerPort: number, protocol = 'TCP'): JsonRecord => ({ name, containerPort, protocol });
const variable = (name: string, value: string): JsonRecord => ({ name, value });
const container = (fields: JsonRecord): JsonRecord => ({ name: 'podinfo', ...fields });

const repeated: Record<string, JsonRecord> = {
  'two names for one port': { containers: [container({ ports: [port('http', 80), port('metrics', 80)] })] },
  'a variable that is set twice': { containers: [container({ env: [variable('A', '1'), variable('A', '2')] })] },
  'both in an init container': { initContainers: [container({ env: [variable('A', '1'), variable('A', '1')] })] },
  'one pull secret twice': { imagePullSecrets: [{ name: 'registry' }, { name: 'registry' }] },
  'two lines of hosts for one address': { hostAliases: [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }] },
};

for (const [title, podSpec] of Object.entries(repeated)) {
  test(`${title} can't be applied`, (t) => t.true(hasRepeatedItems(podSpec)));
}

const single: Record<string, JsonRecord> = {
  'one port for two protocols': { containers: [container({ ports: [port('dns', 53), port('udp', 53, 'UDP')] })] },
  'the same in two containers': {
    containers: [
      container({ ports: [port('a', 80)], env: [variable('A', '1')] }),
      container({ ports: [port('b', 80)] }),
    ],
    initContainers: [container({ env: [variable('A', '1')] })],
  },
  'a toleration twice': { tolerations: [{ key: 'a' }, { key: 'a' }] },
  nothing: {},
};

for (const [title, podSpec] of Object.entries(single)) {
  test(`${title} can be applied`, (t) => t.false(hasRepeatedItems(podSpec)));
}
