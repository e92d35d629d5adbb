/** Stands where Slack's servers would: takes every message that is posted and shows them again. GET /messages. */
import { fastify } from 'fastify';

interface Message {
  readonly receivedAt: string;
  readonly body: unknown;
}

const messages: Message[] = [];
const server = fastify({ forceCloseConnections: true });

server.get('/messages', () => messages);
server.get('/healthz', () => 'ok');
server.post('/*', (request) => {
  messages.push({ receivedAt: new Date().toISOString(), body: request.body });
  return 'ok';
});
process.once('SIGTERM', () => void server.close());
await server.listen({ host: '0.0.0.0', port: 8080 });
