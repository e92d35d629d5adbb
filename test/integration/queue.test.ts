import { queueContract } from '../contract/queue.contract.ts';

queueContract('redis-server');
