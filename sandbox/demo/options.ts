import { parseArgs } from 'node:util';

export const providers = ['kuma', 'gatewayapi:v1'] as const;
export type StoryProvider = (typeof providers)[number];

export interface DemoOptions {
  readonly provider: StoryProvider;
  /** The example's own times instead of shortened ones: about half an hour. */
  readonly realTime: boolean;
  /** Leave everything running. */
  readonly keep: boolean;
  /** Play the story on a cluster in memory, in seconds. */
  readonly simulated: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run demo [-- OPTIONS]

  One release of podinfo is promoted and the next one is rolled back, on a real Kubernetes node that this command
  brings up, with real Redis, Prometheus and Envoy. Exit code 0 says that the story came true.

  --provider NAME   kuma (default) or gatewayapi:v1 (Contour and Envoy)
  --real-time       the example untouched: steps of 5 % every 30 s, about half an hour
  --keep            leave the node running and say how to look further
  --simulated       the same story on a cluster in memory, in seconds; works everywhere
  --help
`;

/** @throws Error that says what was expected */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      provider: { type: 'string', default: 'kuma' },
      'real-time': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      simulated: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const provider = providers.find((name) => name === values.provider);
  if (provider === undefined) {
    throw new Error(`--provider: expected one of ${providers.join(', ')}, got '${values.provider}'`);
  }
  return {
    provider,
    realTime: values['real-time'],
    keep: values.keep,
    simulated: values.simulated,
    help: values.help,
  };
}
