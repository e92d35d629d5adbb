/** What every receiver of alerts does, whatever it speaks. One line per type runs it. */
import test from 'ava';
import type { Alert, Notifier } from '../../worker/notifiers/notifier.ts';
import type { Answer, Reply } from '../support/receiver.ts';
import { deadAddress, startReceiver } from '../support/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';

export const anAlert: Alert = {
  canary: 'podinfo',
  namespace: 'test',
  severity: 'info',
  message: 'New Deployment detected, initialization completed.',
  fields: [
    { name: 'Target', value: 'Deployment/podinfo.test' },
    { name: 'Progress deadline', value: '60s' },
  ],
};

export interface NotifierCase {
  /** Sends to this URL, whose path is as secret as the path of an incoming webhook. */
  readonly create: (url: string) => Notifier;
  readonly taken: Reply;
}

export function notifierContract(name: string, { create, taken }: NotifierCase): void {
  const unaborted = (): AbortSignal => new AbortController().signal;
  const secretPath = '/hooks/T0SECRET';
  const sendTo = async (answer: Answer): Promise<void> => {
    const server = await startReceiver({ answer });
    try {
      await create(server.url + secretPath).send(anAlert, unaborted());
    } finally {
      await server.close();
    }
  };

  test(`${name}: an alert is posted as JSON with everything it says, fields in order`, async (t) => {
    const server = await startReceiver({ answer: () => taken });
    await create(server.url + secretPath).send(anAlert, unaborted());
    t.is(server.received.length, 1);
    const request = server.received[0];
    const body = request?.body ?? '';
    t.is(request?.method, 'POST');
    t.is(request?.headers['content-type'], 'application/json');
    t.notThrows(() => JSON.parse(body) as unknown);
    const said = [anAlert.message, 'podinfo.test', ...anAlert.fields.flatMap((field) => [field.name, field.value])];
    t.deepEqual(
      said.filter((text) => !body.includes(text)),
      [],
    );
    t.true(body.indexOf('Target') < body.indexOf('Progress deadline'));
    await server.close();
  });

  for (const status of [201, 202, 204]) {
    test(`${name}: status ${status} means that it was taken`, async (t) => {
      await t.notThrowsAsync(() => sendTo(() => ({ ...taken, status })));
    });
  }

  for (const status of [302, 400, 403, 404, 429, 500, 503]) {
    test(`${name}: status ${status} is a failure that shows the answer`, async (t) => {
      await t.throwsAsync(() => sendTo(() => ({ status, body: 'no_service' })), {
        message: `sending notification bad response ${status}: no_service`,
      });
    });
  }

  test(`${name}: a receiver that is down is a failure that does not show the secret path`, async (t) => {
    const url = deadAddress + secretPath;
    const error = await t.throwsAsync(() => create(url).send(anAlert, unaborted()));
    t.regex(error?.message ?? '', /ECONNREFUSED/);
    t.false(`${error?.message} ${error?.stack}`.includes('T0SECRET'));
  });

  test(`${name}: an answer that quotes the secret path is shown without it`, async (t) => {
    const error = await t.throwsAsync(() => sendTo(({ path }) => ({ status: 404, body: `Cannot POST ${path}` })));
    t.is(error?.message, 'sending notification bad response 404: Cannot POST (hidden)');
  });

  test(`${name}: no more of an answer is waited for than could be shown of it`, async (t) => {
    const answer: Reply = { status: 500, body: `no_service ${'x'.repeat(100_000)}`, isOpen: true };
    const error = await t.throwsAsync(() => sendTo(() => answer));
    t.is(error?.message, `sending notification bad response 500: no_service ${'x'.repeat(501)}…`);
  });

  test(`${name}: a URL that cannot be used is refused without being shown`, (t) => {
    for (const url of ['T0SECRET', '/hooks/T0SECRET', 'ftp://host/T0SECRET', '']) {
      const error = t.throws(() => create(url));
      t.false(error?.message.includes('T0SECRET'), url);
    }
  });

  test(`${name}: sending ends when it is aborted`, async (t) => {
    const server = await startReceiver({ answer: () => 'silence' });
    const work = new AbortController();
    const sent = t.throwsAsync(() => create(server.url).send(anAlert, work.signal));
    await waitUntil('the alert arrives', () => server.received.length === 1);
    work.abort(new Error('shutting down'));
    await sent;
    await server.close();
  });
}
