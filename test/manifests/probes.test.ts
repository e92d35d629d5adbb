/** What the probes of the manifests leave the processes time for. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { arrayAt, numberAt, stringAt, valueAt } from '../../platform/json.ts';
import { defaultCheckTimeoutMs } from '../../platform/observability/health.ts';
import { queueFields } from '../../queue/queue-settings.ts';

const files = ['worker.yaml', 'resident/scheduler.yaml', 'board.yaml', 'loadtester.yaml'];

const containers = files.map((file): readonly [string, unknown] => {
  const objects = parseAllDocuments(readFileSync(`manifests/${file}`, 'utf8')).map((one): unknown => one.toJS());
  const deployment = objects.find((object) => stringAt(object, 'kind') === 'Deployment');
  return [file, arrayAt(deployment, 'spec', 'template', 'spec', 'containers')[0]];
});

const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'];

for (const [file, container] of containers) {
  test(`${file}: a probe waits for what the process says of its checks`, (t) => {
    const there = probes.filter((probe) => valueAt(container, probe) !== undefined);
    t.true(there.includes('readinessProbe') && there.includes('livenessProbe'));
    for (const probe of there) {
      const seconds = numberAt(container, probe, 'timeoutSeconds') ?? 1;
      t.true(1_000 * seconds > defaultCheckTimeoutMs, `${probe}: ${seconds} s`);
    }
  });
}

/** They serve nothing before Redis has answered; board and load tester do. */
for (const [file, container] of containers.slice(0, 2)) {
  test(`${file}: a process that waits for Redis at its start is not restarted before it has said so`, (t) => {
    const waitMs = queueFields.REDIS_WAIT.parse(undefined);
    const [period = 10, failures = 3] = ['periodSeconds', 'failureThreshold'].map((name) =>
      numberAt(container, 'startupProbe', name),
    );
    t.is(stringAt(container, 'startupProbe', 'httpGet', 'path'), '/healthz');
    t.true(1_000 * period * failures > waitMs, `${period * failures} s`);
  });
}
