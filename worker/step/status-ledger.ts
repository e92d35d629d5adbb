/**
 * Saves statuses and sees to it that what they announce is delivered: the outbox protocol.
 *
 *   outbox of the last step ─▶ deliver ─▶ (the step decides) ─▶ save status + outbox ─▶ deliver
 *
 * What is announced lies in the saved status until a later step has seen that it was delivered. So a crash at any
 * point repeats an announcement under the same id and loses none.
 */
import type { Announcement, CanaryStatus } from '../../canary/canary.ts';
import { stableJson } from '../../platform/hash.ts';
import type { StatusSaver } from './save-status.ts';

export interface LedgerParts {
  readonly saver: StatusSaver;
  /** Delivers in order and resolves to those that could not be delivered. */
  readonly deliver: (announcements: readonly Announcement[]) => Promise<readonly Announcement[]>;
  /** Told of announcements that had to give way in a full outbox; returns what is announced about that. */
  readonly onDropped: (announcements: readonly Announcement[]) => readonly Announcement[];
  readonly signal: AbortSignal;
}

/** All methods throw StatusConflict, whatever else kept the status from being saved, and the signal's reason. */
export interface StatusLedger {
  /** Puts our finalizer on the Canary or takes it away; one that was the last of a deleted Canary ends the ledger. */
  setFinalizer(present: boolean): Promise<void>;
  /** Saves in the middle of a step. The outbox of the given status does not count. */
  record(status: CanaryStatus, announcements: readonly Announcement[]): Promise<void>;
  /** Saves at the end of a step. Without a change nothing is written unless there is an alert, and the rest only goes out. */
  conclude(status: CanaryStatus, announcements: readonly Announcement[]): Promise<void>;
  /** The status as it is in the cluster, as far as this step knows: with what is still to be delivered. */
  saved(): CanaryStatus;
}

/** Announcements that are not delivered yet are kept, up to this number; the oldest give way. */
const outboxSize = 50;
/** Of the JSON: a status has its place in etcd beside everything else. */
const outboxBytes = 65_536;

/** Delivers what the last step left behind. */
export async function openLedger({ saver, deliver, onDropped, signal }: LedgerParts): Promise<StatusLedger> {
  let owed = await deliver(saver.saved().outbox);
  let isOutboxOld = true;

  const record: StatusLedger['record'] = async (status, announcements) => {
    signal.throwIfAborted();
    const all = [...owed, ...announcements];
    const kept = newest(all);
    const warnings = kept.length === all.length ? [] : onDropped(all.slice(0, all.length - kept.length));
    await saver.save({ ...status, outbox: [...kept, ...warnings] });
    isOutboxOld = false;
    const undelivered = await deliver([...announcements, ...warnings]);
    owed = [...owed, ...undelivered].filter((one) => kept.includes(one) || warnings.includes(one));
  };
  let isOver = false;
  return {
    saved: () => saver.saved(),
    record,
    setFinalizer: async (present) => {
      signal.throwIfAborted();
      isOver = (await saver.setFinalizer(present)) === 'gone';
    },
    conclude: async (status, announcements) => {
      if (isOver) return;
      const saved = saver.saved();
      const hasAlert = announcements.some(({ kind }) => kind === 'alert');
      if (hasAlert || !isSame({ ...status, outbox: [] }, { ...saved, outbox: [] })) {
        await record(status, announcements);
        return;
      }
      signal.throwIfAborted();
      // What this step has saved itself is cleared by the next one, with what that has to write.
      if (isOutboxOld) await saver.save({ ...saved, outbox: owed });
      await deliver(announcements);
    },
  };
}

/** As many of the last ones as an outbox has room for. */
function newest(announcements: readonly Announcement[]): readonly Announcement[] {
  let kept = announcements.slice(-outboxSize);
  while (Buffer.byteLength(JSON.stringify(kept)) > outboxBytes) kept = kept.slice(1);
  return kept;
}

const isSame = (a: CanaryStatus, b: CanaryStatus): boolean => stableJson(a) === stableJson(b);
