import { ReadingSchedule, type Watched } from '../../../activities/watch/schedule';
import { paceOf } from '../../../activities/watch/watch';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const EVERY = MINUTE;
const BATCH = 10;
const START = Date.parse('2026-01-01T00:00:00Z');

const conversation = (name: string, activeAt: number): Watched => ({ handoffId: name, conversationId: name, activeAt });
const several = (count: number, prefix: string, activeAt: number) =>
  Array.from({ length: count }, (_, n) => conversation(`${prefix}${n}`, activeAt));

interface World {
  open: Watched[];
  isActive?: (one: Watched) => boolean;
  isUnreadable?: (one: Watched) => boolean;
}

/** Lets time pass read by read, as the poll session does, and answers with each conversation's longest time unread. */
function simulate(ms: number, { open, isActive, isUnreadable }: World) {
  const schedule = new ReadingSchedule(EVERY, START);
  const readAt = new Map(open.map(({ handoffId }) => [handoffId, START]));
  const longest = new Map(open.map(({ handoffId }) => [handoffId, 0]));
  const active = open.filter((one) => isActive?.(one));
  let reads = 0;
  let now = START;
  schedule.keepOnly(open, now);
  while (now < START + ms) {
    for (const one of active) one.activeAt = now;
    const due = schedule.due(open, now, BATCH);
    for (const one of due) {
      reads++;
      if (isUnreadable?.(one)) schedule.failed(one, now);
      else {
        const id = one.handoffId;
        longest.set(id, Math.max(longest.get(id)!, now - readAt.get(id)!));
        readAt.set(id, now);
        schedule.read(one, now);
      }
      now += paceOf(10);
    }
    if (due.length < BATCH) now += Math.max(SECOND, Math.min(schedule.untilNext(open, now), 10 * SECOND));
  }
  for (const [id, at] of readAt) longest.set(id, Math.max(longest.get(id)!, now - at));
  return { longest: (prefix: string) => Math.max(...matching(longest, prefix)), reads, now, schedule };
}

function matching(times: Map<string, number>, prefix: string): number[] {
  return [...times].flatMap(([id, time]) => (id.startsWith(prefix) ? [time] : []));
}

describe('10,000 open conversations, 50 of them active, at 10 calls a second', () => {
  const open = [...several(50, 'active', START), ...several(9_950, 'quiet', START - 24 * HOUR)];
  const simulated = simulate(1.25 * HOUR, { open, isActive: ({ handoffId }) => handoffId.startsWith('active') });

  test('each active one is read within reconcileEvery', () => {
    expect(simulated.longest('active')).toBeLessThanOrEqual(EVERY);
  });

  test('each quiet one is read within an hour or so', () => {
    expect(simulated.longest('quiet')).toBeLessThanOrEqual(1.2 * HOUR);
  });
});

test('more active ones than can be read in time leave their part to the quiet ones', () => {
  const open = [...several(1_000, 'active', START), ...several(1_000, 'quiet', START - 24 * HOUR)];
  const { longest } = simulate(1.25 * HOUR, { open, isActive: ({ handoffId }) => handoffId.startsWith('active') });
  expect(longest('quiet')).toBeLessThanOrEqual(1.2 * HOUR);
  expect(longest('active')).toBeLessThanOrEqual(10 * MINUTE);
});

test('those that cannot be read cost ever less, and keep no other waiting', () => {
  const open = [...several(50, 'active', START), ...several(100, 'broken', START)];
  const isActive = ({ handoffId }: Watched) => handoffId.startsWith('active');
  const isUnreadable = ({ handoffId }: Watched) => handoffId.startsWith('broken');
  const { longest, reads } = simulate(2 * HOUR, { open, isActive, isUnreadable });
  expect(longest('active')).toBeLessThanOrEqual(EVERY);
  expect(reads).toBeLessThan(50 * 170 + 100 * 10);
});

test('a sign of life brings a quiet conversation forward', () => {
  const one = conversation('quiet', START - 24 * HOUR);
  const schedule = new ReadingSchedule(EVERY, START);
  schedule.keepOnly([one], START);
  schedule.read(one, START);
  expect(schedule.due([one], START + 10 * MINUTE, BATCH)).toEqual([]);
  schedule.active(one.handoffId, START + 10 * MINUTE);
  expect(schedule.due([one], START + 10 * MINUTE, BATCH)).toEqual([one]);
});

describe('the next schedule', () => {
  test('reads on from the oldest read, and not from the end of the last', () => {
    const open = [...several(1, 'active', START), ...several(1, 'quiet', START - 24 * HOUR)];
    const { schedule, now } = simulate(30 * MINUTE, {
      open,
      isActive: ({ handoffId }) => handoffId.startsWith('active'),
    });
    expect(schedule.unreadSince(now)).toBe(schedule.readSince(open[1]!));
    expect(schedule.unreadSince(now)).toBeLessThan(schedule.readSince(open[0]!));
  });

  test('does not go back without end for one that cannot be read', () => {
    const open = several(1, 'broken', START);
    const { schedule, now } = simulate(48 * HOUR, { open, isUnreadable: () => true });
    expect(schedule.unreadSince(now)).toBe(now - 2 * HOUR);
  });
});
