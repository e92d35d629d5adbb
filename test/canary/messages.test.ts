import test from 'ava';
import { alerts, events, readinessErrors, warning } from '../../canary/messages.ts';
import { inPhase } from './situations.ts';
import { alertTemplates, eventTemplates, isInstance } from './texts.ts';

const canary = { ...inPhase('Progressing'), name: 'shop' };
const [hook] = canary.spec.analysis.webhooks;

test('a canary and its target are told apart in every text', (t) => {
  t.is(events.initialized(canary).message, 'Initialization done! shop.test');
  t.is(events.newRevision(canary).message, 'New revision detected! Scaling up podinfo.test');
  t.is(events.restarting(canary).message, 'New revision detected! Restarting analysis for podinfo.test');
  t.is(events.starting(canary).message, 'Starting canary analysis for podinfo.test');
  t.is(events.canaryWeight(canary, 5).message, 'Advance shop.test canary weight 5');
  t.is(events.primaryWeight(canary, 5).message, 'Advance shop.test primary weight 5');
  t.is(events.copying(canary).message, 'Copying podinfo.test template spec to podinfo-primary.test');
  t.is(events.promoted(canary).message, 'Promotion completed! Scaling down podinfo.test');
  t.is(events.canaryFailed(canary).message, 'Canary failed! Scaling down shop.test');
  t.is(events.promotionFailed(canary, 'x').message, 'Promotion of podinfo.test failed, primary not ready: x');
  t.is(events.rollbackHook(canary).message, 'Rolling back shop.test manual webhook invoked');
  t.is(events.rollbackThreshold(canary, 5).message, 'Rolling back shop.test failed checks threshold reached 5');
  t.is(events.rollbackDeadline(canary, 'x').message, 'Rolling back shop.test progress deadline exceeded x');
  t.is(readinessErrors.primary(canary, 'x'), 'podinfo-primary.test not ready: x');
  t.is(readinessErrors.canary(canary, 'x'), 'canary deployment podinfo.test not ready: x');
});

test('what halts an advance names the canary and the hook', (t) => {
  if (hook === undefined) throw new Error('the story has hooks');
  const halted = 'Halt shop.test advancement';
  t.is(events.waitingForApproval(canary, hook).message, `${halted} waiting for approval acceptance-test`);
  t.is(
    events.waitingForTraffic(canary, hook).message,
    `${halted} waiting for traffic increase approval acceptance-test`,
  );
  t.is(events.waitingForPromotion(canary, hook).message, `${halted} waiting for promotion approval acceptance-test`);
  t.is(events.preRolloutFailed(canary, hook, 'x').message, `${halted} pre-rollout check acceptance-test failed x`);
  t.is(events.rolloutHookFailed(canary, hook, 'x').message, `${halted} external check acceptance-test failed x`);
});

test('an error that is the whole text is a Warning', (t) => {
  t.deepEqual(warning('broken'), { type: 'Warning', message: 'broken' });
});

test('every alert is one of the known ones', (t) => {
  const all = [
    alerts.initialized(canary),
    alerts.newRevision(),
    alerts.waitingForApproval(),
    alerts.waitingForTraffic(),
    alerts.waitingForPromotion(),
    alerts.rollbackHook(),
    alerts.rollbackThreshold(5),
    alerts.rollbackCheckErrors(5),
    alerts.rollbackDeadline('x'),
    alerts.promotionFailed('x'),
    alerts.promoted(),
    alerts.promotedUnanalysed(),
  ];
  t.is(all.length, Object.keys(alerts).length);
  for (const { message, severity, withMetadata } of all) {
    const known = alertTemplates.find(({ text }) => isInstance(text, message));
    t.like(known, { severity, withMetadata }, message);
  }
});

test('templates match to the letter', (t) => {
  const [suspended] = eventTemplates;
  t.true(isInstance(suspended?.text ?? '', 'skipping canary run as object is suspended'));
  t.false(isInstance(suspended?.text ?? '', 'Skipping canary run as object is suspended'));
  t.false(isInstance('Failed checks threshold reached {n}', 'Failed checks threshold reached five'));
});

test('the pods of a DaemonSet are spoken of as users match it, spelling included', (t) => {
  const { target } = canary.spec;
  const ofDaemonSet = { ...canary, spec: { ...canary.spec, target: { ...target, kind: 'DaemonSet' } } };
  t.is(readinessErrors.primary(ofDaemonSet, 'x'), 'primary daemonset podinfo-primary.test not ready: x');
  t.is(readinessErrors.canary(ofDaemonSet, 'x'), 'canary damonset podinfo.test not ready with retryable true: x');
  t.is(
    readinessErrors.canary(ofDaemonSet, 'x', true),
    'canary damonset podinfo.test not ready with retryable false: exceeded its progressDeadlineSeconds: 60',
  );
});
