import type { TortureOptions } from './options';
import type { Disturbance, DeskName, Link, ProcessName } from './plan';
import type { Random } from './random';

/** Of all that befalls the processes, the network and the vendors as a whole, each at its part of the run. */
export function planDisturbances({ kills }: TortureOptions, random: Random): Disturbance[] {
  const all = [
    ...Array.from({ length: kills }, () => process(random)),
    ...Array.from({ length: Math.ceil(kills / 3) }, () => network(random)),
    ...Array.from({ length: Math.ceil(kills / 5) }, () => outage(random)),
  ];
  // Spread evenly, with chance within each part: two at the same moment happen, twenty do not.
  return random.shuffled(all).map((one, i) => {
    const at = 0.05 + (0.9 * (i + random.next())) / all.length;
    return { ...one, at: Number(at.toFixed(4)) };
  });
}

const TARGETS: Record<ProcessName, number> = { 'worker-1': 3, 'worker-2': 3, 'api-1': 2, 'api-2': 2, temporal: 2 };

function process(random: Random): Disturbance {
  const target = random.weighted(TARGETS);
  const how = random.weighted({ kill: 3, pause: 2, restart: 1 });
  // A pause of more than 10 s makes Temporal take a worker for dead while it is not.
  const forMs =
    how === 'pause' ? random.between(500, target === 'temporal' ? 5_000 : 14_000) : random.between(0, 4_000);
  return { what: 'process', target, how, forMs, at: 0 };
}

const LINKS: Record<Link, number> = {
  ...{ 'worker-1': 1, 'worker-2': 1, 'api-1': 1, 'api-2': 1, temporal: 0 },
  ...{ platform: 2, desks: 2, webhooks: 2 },
};

function network(random: Random): Disturbance {
  const link = random.weighted(LINKS);
  return {
    what: 'network',
    link,
    how: random.pick(['cut', 'slow', 'stall']),
    forMs: random.between(1_000, 8_000),
    at: 0,
  };
}

function outage(random: Random): Disturbance {
  const vendor = random.pick<'platform' | DeskName>(['platform', 'support', 'backoffice']);
  const answer = random.pick([503, 500, 'hang', 'proxy-502', 401, 'reset'] as const);
  return { what: 'outage', vendor, answer, forMs: random.between(2_000, 12_000), at: 0 };
}
