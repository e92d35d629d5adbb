import test from 'ava';
import { mayReference } from '../../../worker/reads/references.ts';
import { aCanary } from '../../support/a-canary.ts';

const canary = aCanary();

test('a Canary reads its own namespace, and others only where the operator opened them', (t) => {
  t.true(mayReference(canary, canary.namespace, []));
  t.false(mayReference(canary, 'monitoring', ['aviary']));
  t.true(mayReference(canary, 'monitoring', ['aviary', 'monitoring']));
});

test('a star opens every namespace, as validation has it', (t) => {
  t.true(mayReference(canary, 'monitoring', ['*']));
  t.false(mayReference(canary, 'monitoring', ['monitor*']));
});
