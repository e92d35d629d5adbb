/** How long what a watch has told is relied on while it is away. */
import type { ExecutionContext } from 'ava';
import { createWatchedKinds } from '../../../platform/kubernetes/watched-kinds.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { drop, page, stream } from '../../support/fake-api-server.ts';
import type { Answer } from '../../support/fake-api-server.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { clientTest as test, podinfo, useFakeApiServer } from './client-fixture.ts';
import type { ClientContext } from './client-fixture.ts';
import { aCanary, answerListAndWatch } from './watch-fixture.ts';

useFakeApiServer();

/** Accepted, and broken off by what the API server can't tell: as when a conversion fails. */
const refusedInMidstream: Answer = stream((body) => {
  body.event('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'conversion webhook failed' });
  body.end();
});

/** A watch of Canaries whose every attempt fails as told, and that has failed once. */
async function watchThatFails(t: ExecutionContext<ClientContext>, attempt: Answer) {
  const { server, client, clock } = t.context;
  const watches = Array.from({ length: 10 }, () => attempt);
  answerListAndWatch(server, { lists: [page([aCanary('podinfo', '1')], '9')], watches });
  const log = createRecordingLogger();
  const watched = createWatchedKinds({
    client,
    kinds: [{ resource: canaries, part: 'whole' }],
    namespaces: [],
    isKept: () => true,
    clock,
    random: () => 0,
    log,
  });
  t.teardown(watched.stop);
  const kind = watched.begin(canaries, podinfo.namespace);
  if (kind === undefined) throw new Error('expected a watch of Canaries');
  const failures = async (count: number): Promise<void> => {
    await waitUntil(`failure ${count}`, () => log.lines.length === count);
    await clock.whenWaiting();
  };
  await failures(1);
  return { kind, log, failures };
}

for (const [how, attempt] of Object.entries({
  'that is accepted and then fails': refusedInMidstream,
  'that is cut': drop,
})) {
  test(`a watch ${how} is believed for five seconds, however often it is begun`, async (t) => {
    const { kind, log, failures } = await watchThatFails(t, attempt);
    t.true(kind.isCurrent());
    // Pauses of 250, 500, 1,000, 2,000 and 4,000 ms.
    for (let count = 2; count <= 6; count += 1) {
      await t.context.clock.advanceToNext();
      await failures(count);
      t.is(kind.isCurrent(), count < 6, `failure ${count}`);
    }
    t.deepEqual(
      log.lines.map(({ level }) => level),
      ['warn', 'debug', 'debug', 'debug', 'debug', 'debug'],
      'the same trouble is said once',
    );
  });
}

test('a watch that is away is not believed for as long as the time of the machine was set back', async (t) => {
  const { clock } = t.context;
  const { kind } = await watchThatFails(t, refusedInMidstream);
  clock.setWallClock(clock.now() - 3_600_000);
  t.false(kind.isCurrent());
});
