import type { Clock } from '../../platform/clock.ts';
import { systemClock } from '../../platform/clock.ts';
import { createHttpSender } from '../../platform/http/http.ts';
import type { HttpSender } from '../../platform/http/http.ts';

/** The product's HTTP sender, allowed to reach the servers that tests start on loopback. */
export const createLocalHttp = (clock: Clock = systemClock): HttpSender =>
  createHttpSender({ clock, userAgent: 'aviary-test', addresses: { allowLoopback: true } });
