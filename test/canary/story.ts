/** The story's Canary and its two kinds of release, for tests of the rules. */
import type { Canary } from '../../canary/canary.ts';
import { parseCanary } from '../../canary/parse.ts';
import type { Release } from '../../sandbox/simulated/workloads.ts';

export const intervalMs = 30_000;

const hook = (name: string, type: string): object => ({ name, type, url: 'http://flagger-loadtester.test/' });

/** A Canary as in the examples, with other analysis fields where a test names them. */
export function storyCanary(analysis: object = {}, spec: object = {}, annotations: object = {}): Canary {
  const parsed = parseCanary(
    {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      metadata: {
        name: 'podinfo',
        namespace: 'test',
        uid: '2f7b6a52-6b0c-4f4e-9f5c-3a1f6d3f1a10',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: '2026-01-01T00:00:00Z',
        annotations,
      },
      spec: {
        provider: 'kuma',
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
        progressDeadlineSeconds: 60,
        service: { port: 9898, targetPort: 9898 },
        analysis: {
          interval: '30s',
          threshold: 5,
          maxWeight: 50,
          stepWeight: 10,
          metrics: [
            { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' },
            { name: 'request-duration', thresholdRange: { max: 500 }, interval: '30s' },
          ],
          webhooks: [hook('acceptance-test', 'pre-rollout'), hook('load-test', 'rollout')],
          ...analysis,
        },
        ...spec,
      },
    },
    { defaultProvider: 'kuma' },
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.canary;
}

export const good = (name: string): Release => ({ name, successRate: 100, latency: 20, starts: true });
export const failing = (name: string): Release => ({ name, successRate: 60, latency: 20, starts: true });
export const slow = (name: string): Release => ({ name, successRate: 100, latency: 1515, starts: true });
export const broken = (name: string): Release => ({ name, successRate: 100, latency: 20, starts: false });
