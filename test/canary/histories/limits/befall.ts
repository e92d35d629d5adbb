/** How each happening comes upon the crowd. */
import type { SimulatedCluster } from '../../../../sandbox/simulated/cluster.ts';
import type { Release } from '../../../../sandbox/simulated/workloads.ts';
import { broken, failing, good, slow } from '../../story.ts';
import type { Quality } from '../incidents.ts';
import { deafen, pass } from './crowd.ts';
import { workers } from './happenings.ts';
import type { Happening } from './happenings.ts';
import type { Crowd, Member } from './members.ts';

const makers: Readonly<Record<Quality, (name: string) => Release>> = { good, failing, slow, broken };

type Of<Kind extends Happening['kind']> = Extract<Happening, { kind: Kind }>;
type Players = { readonly [Kind in Happening['kind']]: (crowd: Crowd, what: Of<Kind>, name: string) => void };

/** There are fewer members than there may be: the last is meant in place of those that are not there. */
const memberOf = ({ members }: Crowd, index: number): Member => members[Math.min(index, members.length - 1)] as Member;

const release = ({ now }: Crowd, member: Member, latest: Release): void => {
  member.latest = latest;
  member.cluster.release(latest, now);
};

const primaryOf = (cluster: SimulatedCluster): Release | undefined => cluster.state().primary?.release;

const players: Players = {
  release(crowd, { of, quality }, name) {
    for (const member of new Set(of.map((index) => memberOf(crowd, index)))) {
      release(crowd, member, { ...makers[quality](name), config: 'c0' });
    }
  },
  takeBack(crowd, { of }) {
    const member = memberOf(crowd, of);
    release(crowd, member, primaryOf(member.cluster) ?? member.latest);
  },
  crash(crowd, { of, action, when }) {
    memberOf(crowd, of).next = when === 'saved' ? { losesAccounts: true } : { crash: { action, when } };
  },
  overtaken(crowd, { of, action }) {
    const member = memberOf(crowd, of);
    member.next = { before: { action, run: () => void member.session.step(crowd.now + 1_000) } };
  },
  unsaved(crowd, { of }) {
    memberOf(crowd, of).next = { failing: new Set(['record']) };
  },
  jobLost(crowd, { of, slots }) {
    const member = memberOf(crowd, of);
    member.dueAt += slots * member.session.canary().spec.analysis.intervalMs;
    // Until then nothing of it is to be expected.
    crowd.befellAt = Math.max(crowd.befellAt, member.dueAt);
  },
  emptied(crowd, { during, deafMs }) {
    const run = (): void => {
      crowd.places.empty();
      for (let worker = 0; worker < workers; worker += 1) deafen(crowd, worker, deafMs);
    };
    if (during === undefined) run();
    else memberOf(crowd, during.of).next = { before: { action: during.action, run }, losesAccounts: during.dies };
  },
  deaf(crowd, { worker, ms }) {
    deafen(crowd, worker, ms);
  },
  disturb(crowd, { of, workload, ms }) {
    memberOf(crowd, of).cluster.disturb(workload, crowd.now + ms);
  },
  refuse(crowd, { of, hook, ms }) {
    memberOf(crowd, of).cluster.trouble({ hooks: { [hook]: crowd.now + ms } });
  },
  suspend(crowd, { of, isIt }) {
    memberOf(crowd, of).session.edit({ suspend: isIt });
  },
  delete(crowd, { of }) {
    memberOf(crowd, of).session.delete();
  },
  passes(crowd, { ms }) {
    pass(crowd, ms);
  },
};

export function befall(crowd: Crowd, what: Happening, index: number): void {
  if (what.kind !== 'passes') crowd.befellAt = Math.max(crowd.befellAt, crowd.now);
  const player = players[what.kind] as (crowd: Crowd, what: Happening, name: string) => void;
  player(crowd, what, `r${index + 1}-${'quality' in what ? what.quality : ''}`);
}
