import test from 'ava';
import { retryAfterMs } from '../../../worker/webhooks/retry-after.ts';

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

const rows: Record<string, { header: string | undefined; is: number | undefined }> = {
  'seconds are read': { header: '120', is: 120_000 },
  'no wait is read': { header: '0', is: 0 },
  'a date is read as time from now': { header: 'Thu, 01 Jan 2026 12:00:05 GMT', is: 5000 },
  'a date that has passed is no wait': { header: 'Thu, 01 Jan 2026 11:00:00 GMT', is: 0 },
  'a missing header asks for nothing': { header: undefined, is: undefined },
  'a word asks for nothing': { header: 'soon', is: undefined },
};

for (const [title, { header, is }] of Object.entries(rows)) {
  test(title, (t) => t.is(retryAfterMs(header, now), is));
}
