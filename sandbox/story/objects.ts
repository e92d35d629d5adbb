/** What stands around Aviary in the story: Prometheus, and a receiver in Slack's place. */
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

export const systemNamespace = 'aviary-system';
export const storyNamespace = 'test';

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

interface Program {
  readonly name: string;
  readonly container: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly object[];
  readonly port: number;
}

function program({ name, container, volumes = [], port }: Program): KubernetesObject[] {
  const labels = { 'app.kubernetes.io/name': name };
  const podSpec = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 2,
    securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name, securityContext: restricted, ports: [{ name: 'http', containerPort: port }], ...container }],
    volumes,
  };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } };
  const ports = [{ name: 'http', port, targetPort: 'http' }];
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: systemNamespace }, spec },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: systemNamespace },
      spec: { selector: labels, ports },
    },
  ];
}

/** @param scrapeJobs entries of `scrape_configs` */
export function prometheus(image: string, scrapeJobs: readonly object[]): KubernetesObject[] {
  const settings = { global: { scrape_interval: '5s' }, scrape_configs: scrapeJobs };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'prometheus', namespace: systemNamespace },
      data: { 'prometheus.yml': stringify(settings) },
    },
    ...program({
      name: 'prometheus',
      port: 9090,
      container: {
        image,
        args: [
          '--config.file=/etc/prometheus/prometheus.yml',
          '--storage.tsdb.path=/data',
          '--storage.tsdb.retention.time=6h',
          '--web.enable-lifecycle',
        ],
        readinessProbe: { httpGet: { path: '/-/ready', port: 'http' }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/prometheus' },
          { name: 'data', mountPath: '/data' },
        ],
      },
      volumes: [
        { name: 'settings', configMap: { name: 'prometheus' } },
        { name: 'data', emptyDir: {} },
      ],
    }),
  ];
}

export const slackReceiver = (aviaryImage: string): KubernetesObject[] =>
  program({
    name: 'slack-receiver',
    port: 8080,
    container: {
      image: aviaryImage,
      args: ['out/sandbox/story/receiver-main.js'],
      readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
    },
  });

const secret = (name: string, stringData: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: systemNamespace },
  stringData,
});

/** The password of the board. */
export const boardSecret = (token: string): KubernetesObject => secret('aviary-board', { BOARD_TOKEN: token });

/** Where the workers send the alerts of Canaries that name no provider, and the password of the board. */
export const storySecrets = (boardToken: string): KubernetesObject[] => [
  secret('aviary-alerts', {
    SLACK_URL: `http://slack-receiver.${systemNamespace}:8080/services/releases`,
    SLACK_CHANNEL: 'releases',
    CLUSTER_NAME: 'sandbox',
  }),
  boardSecret(boardToken),
];
