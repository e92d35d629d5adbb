import test from 'ava';
import type { AuditedWrite } from '../../chaos/record/audit.ts';
import type { StoredState } from '../../chaos/record/etcd.ts';
import { evidenceOf } from '../../chaos/record/evidence.ts';
import { aHistory, canary } from './a-history.ts';

const { role } = aHistory();

const stored = (revision: number, phase: string): StoredState => ({
  revision,
  key: canary,
  object: { metadata: { uid: 'u' }, status: { phase } },
});

const audited = (revision: number, at: number): AuditedWrite => ({
  line: revision,
  at,
  what: 'update canaries/status',
  key: canary,
  agent: 'worker',
  revision,
  object: {},
});

test('a write that the audit log does not know was done between its neighbours', (t) => {
  const canaries = [
    stored(1, 'Initializing'),
    stored(2, 'Initialized'),
    stored(3, 'Progressing'),
    stored(4, 'Promoting'),
  ];
  const { histories } = evidenceOf({ roles: [role], audit: [audited(1, 10), audited(3, 30)], canaries, routes: [] });
  t.deepEqual(
    histories[0]?.states.map(({ at, atLatest, source }) => [at, atLatest, source]),
    [
      [10, 10, 'audit.log:1'],
      [10, 30, 'etcd revision 2'],
      [30, 30, 'audit.log:3'],
      [30, Infinity, 'etcd revision 4'],
    ],
  );
});
