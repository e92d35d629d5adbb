import test from 'ava';
import { readOptions, usage } from '../../sandbox/demo/options.ts';

const own = ['--kubeconfig', '/home/me/config', '--image', 'registry.example/aviary:1'];

test('without flags the story is played on a node with Kuma, shortened, and nothing is left running', (t) => {
  t.deepEqual(readOptions([]), {
    stage: { kind: 'node', provider: 'kuma', keep: false },
    realTime: false,
    help: false,
  });
});

test('every flag of the node is read', (t) => {
  t.deepEqual(readOptions(['--provider', 'gatewayapi:v1', '--keep', '--real-time', '--help']), {
    stage: { kind: 'node', provider: 'gatewayapi:v1', keep: true },
    realTime: true,
    help: true,
  });
});

test('every flag of a cluster of the user is read', (t) => {
  t.deepEqual(readOptions([...own, '--metrics-server', 'http://prometheus.monitoring:9090', '--real-time']), {
    stage: {
      kind: 'ownCluster',
      kubeconfig: '/home/me/config',
      image: 'registry.example/aviary:1',
      metricsServer: 'http://prometheus.monitoring:9090',
    },
    realTime: true,
    help: false,
  });
});

test("a cluster of the user is asked by the manifests' Prometheus unless another one is named", (t) => {
  const { stage } = readOptions(own);
  t.is(stage.kind === 'ownCluster' ? stage.metricsServer : 'another stage', undefined);
});

test('the cluster in memory is chosen by its flag', (t) => {
  t.deepEqual(readOptions(['--simulated']).stage, { kind: 'simulated' });
});

const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown provider', ['--provider', 'istio'], /^--provider: expected one of kuma, gatewayapi:v1, got 'istio'$/],
  ['an unknown flag', ['--fast'], /Unknown option '--fast'/],
  ['a word without a flag', ['fast'], /positional/],
  [
    'a cluster in memory that is a real one',
    ['--simulated', ...own],
    /^--simulated: expected without --kubeconfig and --image, got both$/,
  ],
  ['a cluster in memory that stays', ['--simulated', '--keep'], /^--simulated: expected without --keep, got both$/],
  [
    'a cluster in memory in real time',
    ['--simulated', '--real-time'],
    /^--simulated: expected without --real-time, got both$/,
  ],
  [
    'a cluster in memory with a provider',
    ['--simulated', '--provider', 'kuma'],
    /^--simulated: expected without --provider, got both$/,
  ],
  [
    'a cluster of the user without an image',
    ['--kubeconfig', 'config'],
    /^--kubeconfig: expected --image REGISTRY\/aviary:TAG with it/,
  ],
  ['a cluster of the user that is kept', [...own, '--keep'], /^--kubeconfig: expected without --keep, got both$/],
  [
    'a cluster of the user with a gateway of ours',
    [...own, '--provider', 'gatewayapi:v1'],
    /^--kubeconfig: expected without --provider, got both$/,
  ],
  ['an image for a node of ours', ['--image', 'aviary:1'], /^--image: expected --kubeconfig PATH with it, got none$/],
  [
    'a Prometheus for a node of ours',
    ['--metrics-server', 'http://prometheus:9090'],
    /^--metrics-server: expected --kubeconfig PATH with it, got none$/,
  ],
  [
    'a Prometheus that is no address',
    [...own, '--metrics-server', 'prometheus:9090'],
    /^--metrics-server: expected an address such as .*, got 'prometheus:9090'$/,
  ],
];

for (const [what, args, message] of refused) {
  test(`${what} is refused with a reason`, (t) => {
    t.throws(() => readOptions(args), { message });
  });
}

test('the help names every flag', (t) => {
  const flags = ['provider', 'real-time', 'keep', 'simulated', 'kubeconfig', 'image', 'metrics-server', 'help'];
  for (const flag of flags) t.true(usage.includes(`  --${flag} `) || usage.includes(`  --${flag}\n`), flag);
});
