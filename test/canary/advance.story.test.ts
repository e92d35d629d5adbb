import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Release } from '../../sandbox/simulated/workloads.ts';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Session } from '../../sandbox/simulated/session.ts';
import { broken, failing, good, intervalMs, slow, storyCanary } from './story.ts';

interface Story {
  readonly session: Session;
  readonly run: (slots: number) => void;
  readonly release: (release: Release) => void;
  readonly events: () => readonly string[];
  readonly alerts: () => readonly string[];
  readonly cluster: ReturnType<typeof createSimulatedCluster>;
}

function begin(analysis: object = {}, spec: object = {}): Story {
  const cluster = createSimulatedCluster(good('one'), 5_000);
  const session = createSession(storyCanary(analysis, spec), cluster);
  let now = 1_000_000_000_000;
  const texts = (kind: 'event' | 'alert'): readonly string[] =>
    session
      .delivered()
      .flatMap(({ announcement }) =>
        announcement.kind === kind && 'message' in announcement ? [announcement.message] : [],
      );
  return {
    session,
    cluster,
    run(slots) {
      for (let slot = 0; slot < slots; slot += 1, now += intervalMs) session.step(now);
    },
    release: (release) => cluster.release(release, now),
    events: () => texts('event'),
    alerts: () => texts('alert'),
  };
}

function bootstrap(t: ExecutionContext, story: Story): void {
  story.run(3);
  t.is(story.session.canary().status.phase, 'Initialized');
}

test('bootstrap makes a primary, waits for it, then parks the target and routes to the primary', (t) => {
  const story = begin();
  story.run(1);
  t.is(story.session.canary().status.phase, 'Initializing');
  t.is(story.cluster.state().target.replicas, 1, 'the target serves until the primary is ready');
  story.run(2);
  t.deepEqual(story.cluster.state().routes, { primary: 100, canary: 0, mirrored: false });
  t.is(story.cluster.state().target.replicas, 0);
  t.is(story.events().at(-1), 'Initialization done! podinfo.test');
  t.deepEqual(story.alerts(), ['New Deployment detected, initialization completed.']);
});

test('a good release advances in steps, is copied, takes the traffic back and succeeds', (t) => {
  const story = begin();
  bootstrap(t, story);
  const before = story.events().length;
  story.release(good('two'));
  story.run(12);
  t.deepEqual(story.events().slice(before), [
    'New revision detected! Scaling up podinfo.test',
    'Starting canary analysis for podinfo.test',
    'Pre-rollout check acceptance-test passed',
    'Advance podinfo.test canary weight 10',
    'Advance podinfo.test canary weight 20',
    'Advance podinfo.test canary weight 30',
    'Advance podinfo.test canary weight 40',
    'Advance podinfo.test canary weight 50',
    'Copying podinfo.test template spec to podinfo-primary.test',
    'Routing all traffic to primary',
    'Promotion completed! Scaling down podinfo.test',
  ]);
  t.is(story.session.canary().status.phase, 'Succeeded');
  t.is(story.cluster.state().primary?.release.name, 'two');
  t.is(story.cluster.state().target.replicas, 0);
  t.deepEqual(story.cluster.state().routes, { primary: 100, canary: 0, mirrored: false });
  t.deepEqual(story.alerts().slice(1), [
    'New revision detected, progressing canary analysis.',
    'Canary analysis completed successfully, promotion finished.',
  ]);
});

test('a release that answers errors is halted with value and bound, then rolled back', (t) => {
  const story = begin();
  bootstrap(t, story);
  const before = story.events().length;
  story.release(failing('bad'));
  story.run(12);
  const halt = 'Halt podinfo.test advancement success rate 60.00% < 99%';
  t.deepEqual(story.events().slice(before + 4), [
    ...Array.from({ length: 5 }, () => halt),
    'Rolling back podinfo.test failed checks threshold reached 5',
    'Canary failed! Scaling down podinfo.test',
  ]);
  const { status } = story.session.canary();
  t.is(status.phase, 'Failed');
  t.is(status.canaryWeight, 0);
  t.is(story.cluster.state().primary?.release.name, 'one');
  t.is(story.cluster.state().target.replicas, 0);
  t.is(story.alerts().at(-1), 'Failed checks threshold reached 5');
});

test('a slow release names the measured duration and its bound', (t) => {
  const story = begin();
  bootstrap(t, story);
  story.release(slow('slow'));
  story.run(5);
  t.true(story.events().includes('Halt podinfo.test advancement request duration 1.515s > 500ms'));
});

test('a release whose pods never start is rolled back at the deadline, with its event and alert', (t) => {
  const story = begin();
  bootstrap(t, story);
  story.release(broken('broken'));
  story.run(8);
  const error =
    'canary deployment podinfo.test not ready: ' +
    'waiting for rollout to finish: 0 of 1 (readyThreshold 100%) updated replicas are available';
  t.true(story.events().includes(`Rolling back podinfo.test progress deadline exceeded ${error}`));
  t.is(story.alerts().at(-1), `Progress deadline exceeded ${error}`);
  t.is(story.session.canary().status.phase, 'Failed');
});

test('a revision that arrives in mid-run starts the analysis over and only the newest is promoted', (t) => {
  const story = begin();
  bootstrap(t, story);
  story.release(good('two'));
  story.run(4);
  t.is(story.session.canary().status.canaryWeight, 30);
  story.release(good('three'));
  story.run(1);
  t.is(story.session.canary().status.canaryWeight, 0);
  t.is(story.events().at(-1), 'New revision detected! Restarting analysis for podinfo.test');
  story.run(14);
  t.is(story.session.canary().status.phase, 'Succeeded');
  t.is(story.cluster.state().primary?.release.name, 'three');
});

test('a revision that arrives while another is promoted runs once, after it', (t) => {
  const story = begin();
  bootstrap(t, story);
  story.release(good('two'));
  story.run(7);
  t.is(story.session.canary().status.phase, 'Promoting');
  story.release(good('three'));
  story.run(16);
  t.is(story.session.canary().status.phase, 'Succeeded');
  t.is(story.cluster.state().primary?.release.name, 'three');
  const count = (text: string): number => story.events().filter((event) => event.startsWith(text)).length;
  t.is(count('New revision detected!'), 2);
  t.is(count('Promotion completed!'), 2);
});

test('a failed canary reacts to the next revision', (t) => {
  const story = begin();
  bootstrap(t, story);
  story.release(failing('bad'));
  story.run(12);
  story.release(good('fixed'));
  story.run(14);
  t.is(story.session.canary().status.phase, 'Succeeded');
  t.is(story.cluster.state().primary?.release.name, 'fixed');
});

test('Blue/Green on the kubernetes provider iterates ten times without touching routes', (t) => {
  const story = begin({ stepWeight: undefined, maxWeight: undefined, iterations: 3 }, { provider: 'kubernetes' });
  bootstrap(t, story);
  story.release(good('two'));
  story.run(12);
  t.true(story.events().includes('Advance podinfo.test canary iteration 3/3'));
  t.is(story.session.canary().status.phase, 'Succeeded');
});

test('skipAnalysis promotes without hooks or metrics, and only then scales down', (t) => {
  const story = begin({}, { skipAnalysis: true });
  bootstrap(t, story);
  story.release(failing('anything'));
  story.run(6);
  t.is(story.session.canary().status.phase, 'Succeeded');
  t.is(story.events().at(-1), 'Promotion completed! Canary analysis was skipped for podinfo.test');
  t.false(story.session.performed().some(({ action }) => action.kind === 'callHook'));
});

test('a settled canary saves nothing, step after step', (t) => {
  const story = begin();
  bootstrap(t, story);
  story.run(1);
  const version = story.session.canary().resourceVersion;
  story.run(10);
  t.is(story.session.canary().resourceVersion, version);
});
