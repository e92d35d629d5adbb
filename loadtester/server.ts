import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { Clock } from '../platform/clock.ts';
import type { HealthCheck } from '../platform/observability/health.ts';
import { runChecks } from '../platform/observability/health.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import type { Answer } from './answer.ts';
import { badRequest, forbidden, ok, unavailable } from './answer.ts';
import type { Authorize } from './authorize.ts';
import { createGateAnswers } from './gate-answers.ts';
import type { Gates } from './gates.ts';
import type { Payload } from './payload.ts';
import { parsePayload } from './payload.ts';
import type { Runner } from './runner.ts';
import { StoreUnavailableError } from './store-call.ts';
import { answerTask } from './task-answer.ts';

export interface ServerOptions {
  authorize: Authorize;
  gates: Gates;
  runner: Runner;
  metrics: Pick<Metrics, 'render' | 'contentType'>;
  /** For /readyz. */
  readiness: Readonly<Record<string, HealthCheck>>;
  clock: Clock;
  log: Logger;
}

type PayloadHandler = (payload: Payload) => Promise<Answer>;

// A sender has this long for a whole request. Answers are not bounded: they last as long as their command.
const READ_TIMEOUT_MS = 10_000;

/** The HTTP interface (spec/loadtester.md section 2). Whoever creates it makes it listen and closes it. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { authorize, gates, runner, metrics, readiness, clock, log } = options;
  const app = fastify({ requestTimeout: READ_TIMEOUT_MS, forceCloseConnections: 'idle' });
  readBodiesAsText(app);
  closeConnectionsWhenStopping(app);
  cutSendersWhenStopping(app, clock);
  app.setErrorHandler<FastifyError | StoreUnavailableError>((error, request, reply) => {
    log.warn({ err: error, path: request.url }, 'request failed');
    return send(reply, answerError(error));
  });

  const handle = (handler: PayloadHandler) => async (request: FastifyRequest, reply: FastifyReply) => {
    const parsed = parsePayload(typeof request.body === 'string' ? request.body : '');
    if (!parsed.ok) return send(reply, badRequest(parsed.problem));
    if (!authorize(parsed.payload.namespace)) return send(reply, forbidden);
    return send(reply, await handler(parsed.payload));
  };
  const gate = createGateAnswers(gates, log);

  app.all('/healthz', (_request, reply) => send(reply, ok('OK')));
  app.all('/readyz', async (_request, reply) => {
    const report = await runChecks(readiness, { clock });
    return reply.status(report.ok ? 200 : 503).send(report);
  });
  app.all('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()));
  app.all('/gate/approve', (_request, reply) => send(reply, ok('OK')));
  app.all('/gate/halt', (_request, reply) => send(reply, forbidden));
  app.all('/gate/check', handle(gate.check('gate')));
  app.all('/gate/open', handle(gate.set('gate', 'open')));
  app.all('/gate/close', handle(gate.set('gate', 'closed')));
  app.all('/rollback/check', handle(gate.check('rollback')));
  app.all('/rollback/open', handle(gate.set('rollback', 'open')));
  app.all('/rollback/close', handle(gate.set('rollback', 'closed')));
  app.all(
    '*',
    handle((payload) => answerTask(runner, payload)),
  );
  return app;
}

/** Neither the method nor the content type of a request is ever looked at: the body is always read, as text. */
function readBodiesAsText(app: FastifyInstance): void {
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, _reply, done) => {
    delete request.raw.headers['content-type'];
    done();
  });
}

/** A connection that was busy when the server began to close would otherwise be kept alive for the next request. */
function closeConnectionsWhenStopping(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
}

/**
 * A server that closes waits for each connection that is not idle, and Node looks at requestTimeout no more: one whose
 * request never comes would keep it for ever.
 */
function cutSendersWhenStopping(app: FastifyInstance, clock: Clock): void {
  const senders = new Set<Socket>();
  app.server.on('connection', (socket) => {
    senders.add(socket);
    socket.once('close', () => senders.delete(socket));
  });
  // From here on the request is there as a whole, and its answer may take as long as its command.
  app.addHook('preValidation', async ({ socket }) => void senders.delete(socket));
  app.addHook('onResponse', async ({ socket }) => void (socket.destroyed || senders.add(socket)));
  app.addHook('preClose', (done) => {
    const cancel = clock.after(READ_TIMEOUT_MS, () => senders.forEach((socket) => socket.destroy()));
    app.server.once('close', cancel);
    done();
  });
}

const send = (reply: FastifyReply, { status, body }: Answer): FastifyReply =>
  reply.status(status).type('text/plain; charset=utf-8').send(body);

function answerError(error: FastifyError | StoreUnavailableError): Answer {
  if (error instanceof StoreUnavailableError) return unavailable(error.message);
  const status = error.statusCode ?? 500;
  return status >= 500 ? { status, body: 'the load tester failed, its log says why' } : { status, body: error.message };
}
