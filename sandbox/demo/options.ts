import { parseArgs } from 'node:util';

export const providers = ['kuma', 'gatewayapi:v1'] as const;
export type StoryProvider = (typeof providers)[number];

/** Where the story is played. */
export type Stage =
  /** A real node that the demo brings up. `keep`: it is left running. */
  | { readonly kind: 'node'; readonly provider: StoryProvider; readonly keep: boolean }
  /** A cluster of the user's own, with Kuma and Prometheus of its own. */
  | {
      readonly kind: 'ownCluster';
      readonly kubeconfig: string;
      /** Aviary's image as the cluster's nodes can pull it. */
      readonly image: string;
      /** Absent: the address in manifests/settings.yaml. */
      readonly metricsServer: string | undefined;
    }
  /** A cluster in memory, in seconds. */
  | { readonly kind: 'simulated' };

export interface DemoOptions {
  readonly stage: Stage;
  /** The example's own times instead of shortened ones: about half an hour. */
  readonly realTime: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run demo [-- OPTIONS]

  One release of podinfo is promoted and the next one is rolled back, on a real Kubernetes node that this command
  brings up, with real Redis, Prometheus and Envoy. Exit code 0 says that the story came true.

  --provider NAME   kuma (default) or gatewayapi:v1 (Contour and Envoy)
  --real-time       the example untouched: steps of 5 % every 30 s, about half an hour
  --keep            leave the node running and say how to look further
  --help

In a cluster of your own, which has Kuma and a Prometheus that scrapes its sidecars:

  --kubeconfig PATH      its current context is used, by the kubectl on PATH; what is applied is said first and stays
  --image NAME           Aviary's image where the cluster can pull it
  --metrics-server URL   address of Prometheus inside the cluster (default: the one in manifests/settings.yaml)
  --real-time            as above

On a cluster in memory:

  --simulated       the same story with the real rules, in seconds; works everywhere
`;

const flags = {
  provider: { type: 'string' },
  'real-time': { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  simulated: { type: 'boolean', default: false },
  kubeconfig: { type: 'string' },
  image: { type: 'string' },
  'metrics-server': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>;
const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: flags }).values;

/** @throws Error that says what was expected */
export function readOptions(args: readonly string[]): DemoOptions {
  const values = parse(args);
  return { stage: stageOf(values), realTime: values['real-time'], help: values.help };
}

function stageOf(values: Values): Stage {
  if (values.simulated) {
    refuse(values, '--simulated', ['kubeconfig', 'image', 'metrics-server', 'provider', 'keep', 'real-time']);
    return { kind: 'simulated' };
  }
  if (values.kubeconfig !== undefined) return ownCluster(values, values.kubeconfig);
  for (const name of ['image', 'metrics-server'] as const) {
    if (values[name] !== undefined) throw new Error(`--${name}: expected --kubeconfig PATH with it, got none`);
  }
  return { kind: 'node', provider: providerOf(values.provider ?? 'kuma'), keep: values.keep };
}

function ownCluster(values: Values, kubeconfig: string): Stage {
  refuse(values, '--kubeconfig', ['provider', 'keep']);
  const { image, 'metrics-server': metricsServer } = values;
  if (image === undefined || image === '') {
    throw new Error('--kubeconfig: expected --image REGISTRY/aviary:TAG with it, which the cluster can pull; got none');
  }
  if (metricsServer !== undefined && !isWebAddress(metricsServer)) {
    throw new Error(
      `--metrics-server: expected an address such as http://prometheus.monitoring:9090, got '${metricsServer}'`,
    );
  }
  return { kind: 'ownCluster', kubeconfig, image, metricsServer };
}

const isWebAddress = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);

function refuse(values: Values, flag: string, others: readonly (keyof Values)[]): void {
  const found = others.filter((name) => values[name] !== undefined && values[name] !== false);
  if (found.length > 0) {
    throw new Error(`${flag}: expected without ${found.map((name) => `--${name}`).join(' and ')}, got both`);
  }
}

function providerOf(name: string): StoryProvider {
  const provider = providers.find((one) => one === name);
  if (provider === undefined) throw new Error(`--provider: expected one of ${providers.join(', ')}, got '${name}'`);
  return provider;
}
