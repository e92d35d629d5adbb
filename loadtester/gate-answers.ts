import type { Logger } from '../platform/observability/logger.ts';
import type { Answer } from './answer.ts';
import { accepted, forbidden, ok } from './answer.ts';
import type { GateKind, Gates, GateState } from './gates.ts';
import { gateKey } from './gates.ts';
import type { Payload } from './payload.ts';

/** What the gate endpoints do with a payload. All throw StoreUnavailableError. */
export interface GateAnswers {
  check(kind: GateKind): (payload: Payload) => Promise<Answer>;
  set(kind: GateKind, state: GateState): (payload: Payload) => Promise<Answer>;
}

export function createGateAnswers(gates: Gates, log: Logger): GateAnswers {
  return {
    check: (kind) => async (payload) => {
      const state = await gates.read(gateKey(kind, payload));
      return state === 'open' ? ok('Approved') : forbidden;
    },
    set: (kind, state) => async (payload) => {
      const gate = gateKey(kind, payload);
      await gates.set(gate, state);
      log.info({ gate, state }, 'gate set');
      return accepted;
    },
  };
}
