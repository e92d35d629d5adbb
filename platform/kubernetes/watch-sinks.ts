/** What one watch tells, told to more than one. */
import type { WatchSink } from './watch-loop.ts';

/** Tells, too, when a list has been read, after the sink. */
export const whenListed = (sink: WatchSink, tell: () => void): WatchSink => ({
  ...sink,
  beginList: () => {
    const pass = sink.beginList();
    return {
      page: (items) => pass.page(items),
      complete: (version) => {
        pass.complete(version);
        tell();
      },
    };
  },
});

/** Tells the first before the second; whoever leaves is told no more, not even the rest of a list. */
export const both = (first: () => WatchSink | undefined, second: WatchSink): WatchSink => ({
  beginList: () => {
    const sharer = first();
    const [ofFirst, ofSecond] = [sharer?.beginList(), second.beginList()];
    const told = () => (first() === sharer ? ofFirst : undefined);
    return {
      page: (items) => {
        told()?.page(items);
        ofSecond.page(items);
      },
      complete: (version) => {
        told()?.complete(version);
        ofSecond.complete(version);
      },
    };
  },
  changed: (object) => {
    first()?.changed(object);
    second.changed(object);
  },
  deleted: (object) => {
    first()?.deleted(object);
    second.deleted(object);
  },
  reached: (version) => {
    first()?.reached?.(version);
    second.reached?.(version);
  },
  failed: (error) => {
    first()?.failed?.(error);
    second.failed?.(error);
  },
});
