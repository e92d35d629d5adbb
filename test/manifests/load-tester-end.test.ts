/** How a pod of the load tester ends. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { arrayAt, numberAt, stringAt, valueAt } from '../../platform/json.ts';

const objects = parseAllDocuments(readFileSync('manifests/loadtester.yaml', 'utf8')).map((one): unknown => one.toJS());
const deployment = objects.find((object) => stringAt(object, 'kind') === 'Deployment');
const pod = valueAt(deployment, 'spec', 'template', 'spec');

test('it serves on until its Service leads elsewhere, and has the time that it takes to end after that', (t) => {
  const [container] = arrayAt(pod, 'containers');
  const [program, seconds] = arrayAt(container, 'lifecycle', 'preStop', 'exec', 'command');
  t.is(program, 'sleep');
  t.true(Number(seconds) > 0);
  const [, boundMs = ''] = /SHUTDOWN_BOUND_MS = ([\d_]+)/.exec(readFileSync('loadtester/main.ts', 'utf8')) ?? [];
  const bound = Number(boundMs.replaceAll('_', '')) / 1_000;
  t.true((numberAt(pod, 'terminationGracePeriodSeconds') ?? 0) > Number(seconds) + bound);
});
