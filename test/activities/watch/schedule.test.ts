import { ReadingSchedule, type Watched } from '../../../activities/watch/schedule';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const watched = (id: string | number, activeAt: number): Watched => ({
  handoffId: `h${id}`,
  conversationId: `c${id}`,
  activeAt,
});

/** A schedule that has looked at these, as one that starts at `NOW`. */
function scheduleOf(open: Watched[], every = MINUTE): ReadingSchedule {
  const schedule = new ReadingSchedule(every, NOW);
  schedule.update(open, NOW);
  return schedule;
}
const ids = (all: Watched[]) => all.map(({ handoffId }) => handoffId);

test('P5: at 5 reads a second, 50 active among 10,000 open conversations are each read in time, and no quiet one is forgotten', () => {
  const ACTIVE = 50;
  const open = Array.from({ length: 10_000 }, (_, i) => watched(i, i < ACTIVE ? NOW : NOW - HOUR * (1 + (i % 48))));
  const schedule = scheduleOf(open);
  const readAt = open.map(() => NOW);
  const longest = open.map(() => 0);
  let now = NOW;
  while (now < NOW + 3 * HOUR) {
    for (let i = 0; i < ACTIVE; i++) if ((now / 1_000) % 20 < 10) open[i]!.activeAt = now;
    const due = schedule.due(open, now, 50);
    for (const one of due) {
      const i = Number(one.conversationId.slice(1));
      longest[i] = Math.max(longest[i]!, now - readAt[i]!);
      readAt[i] = now;
      schedule.read(one, now);
      now += 200;
    }
    if (due.length < 50) now += 10_000;
    schedule.update(open, now);
  }
  open.forEach((_, i) => (longest[i] = Math.max(longest[i]!, now - readAt[i]!)));
  expect(Math.max(...longest.slice(0, ACTIVE))).toBeLessThanOrEqual(MINUTE);
  expect(Math.max(...longest.slice(ACTIVE))).toBeLessThanOrEqual(1.25 * HOUR);
}, 60_000);

test('while there is more to read than time for it, active ones wait the shortest, and every one has its turn', () => {
  const open = Array.from({ length: 1_000 }, (_, i) => watched(i, i < 5 ? NOW + HOUR : NOW - HOUR));
  const schedule = scheduleOf(open);
  const reads = new Map<string, number>();
  for (let now = NOW; now < NOW + 2 * HOUR; now += 10_000) {
    for (const one of schedule.due(open, now, 10)) {
      schedule.read(one, now);
      reads.set(one.handoffId, (reads.get(one.handoffId) ?? 0) + 1);
    }
  }
  expect(reads.size).toBe(1_000);
  expect(Math.min(...[0, 1, 2, 3, 4].map((i) => reads.get(`h${i}`)!))).toBeGreaterThan(5 * reads.get('h500')!);
});

test('a sign of life moves the next read forward', () => {
  const one = watched(1, NOW - 10 * HOUR);
  const schedule = scheduleOf([one]);
  schedule.read(one, NOW);
  expect(schedule.due([one], NOW + 2 * MINUTE, 10)).toEqual([]);
  expect(ids(schedule.due([watched(1, NOW + MINUTE)], NOW + 2 * MINUTE, 10))).toEqual(['h1']);
});

test('a message that reading itself has found is a sign of life', () => {
  const one = watched(1, NOW - 10 * HOUR);
  const schedule = scheduleOf([one]);
  schedule.read(one, NOW, NOW - 1_000);
  expect(ids(schedule.due([one], NOW + MINUTE, 10))).toEqual(['h1']);
});

test('each read goes on where the last successful one has ended', () => {
  const one = watched(1, NOW);
  const schedule = scheduleOf([one]);
  expect(schedule.readSince(one)).toBe(NOW);
  schedule.failed(one, NOW + MINUTE);
  expect(schedule.readSince(one)).toBe(NOW);
  schedule.read(one, NOW + 2 * MINUTE);
  expect(schedule.readSince(one)).toBe(NOW + 2 * MINUTE);
});

test('one that cannot be read is tried again after a growing pause, at least every hour, and holds up nobody', () => {
  const [bad, good] = [watched('bad', NOW), watched('good', NOW)];
  const schedule = scheduleOf([bad, good]);
  const tries: number[] = [];
  for (let now = NOW; now < NOW + 24 * HOUR; now += MINUTE) {
    for (const one of schedule.due([bad, good], now, 10)) {
      if (one.handoffId === 'hgood') schedule.read({ ...good, activeAt: now }, now);
      else tries.push((expect(schedule.failed(one, now)).toBe(tries.length + 1), now));
    }
    expect(schedule.readSince(good)).toBeGreaterThanOrEqual(now - 2 * MINUTE);
  }
  const pauses = tries.slice(1).map((at, i) => (at - tries[i]!) / MINUTE);
  expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8]);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(60);
});

test('one that was opened since it looked last is read from then on; what is closed is forgotten', () => {
  const first = watched(1, NOW);
  const schedule = scheduleOf([first]);
  schedule.update([first], NOW + HOUR);
  const second = watched(2, NOW + HOUR);
  schedule.update([second], NOW + HOUR + 5_000);
  expect(schedule.readSince(second)).toBe(NOW + HOUR);
  expect(schedule.due([first], NOW + 5 * HOUR, 10)).toEqual([]);
});

test('what is known of all of them is what is known of the one that was read longest ago', () => {
  const all = [watched(1, NOW), watched(2, NOW)];
  const schedule = scheduleOf(all);
  schedule.update(all, NOW + MINUTE);
  schedule.read(all[0]!, NOW + MINUTE);
  expect(schedule.knownUntil()).toBe(NOW);
  schedule.read(all[1]!, NOW + 30_000);
  expect(schedule.knownUntil()).toBe(NOW + 30_000);
  schedule.update([], NOW + 2 * MINUTE);
  expect(schedule.knownUntil()).toBe(NOW + 2 * MINUTE);
});
