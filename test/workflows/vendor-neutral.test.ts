import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contactCenterConnectors, platformConnectors } from '../../connectors/registry';

const ROOT = join(__dirname, '../..');

/** `request-tracker` is also found as `requestTracker` and as `Request Tracker`. */
function asWritten(kind: string): RegExp {
  return new RegExp(kind.split('-').join('[\\s_-]?'), 'i');
}

/** A vendor with the name of an everyday thing cannot be distinguished from that thing. */
const kinds = [...platformConnectors, ...contactCenterConnectors].map(({ kind }) => kind);
const vendors = kinds.filter((kind) => kind !== 'custom');

describe.each(['workflows', 'domain'])('%s/', (folder) => {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

  test('decides by what a connector can do: it names no vendor', () => {
    expect(files.length).toBeGreaterThan(1);
    expect(vendors.length).toBeGreaterThan(1);
    const named = files.flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return vendors.filter((kind) => asWritten(kind).test(text)).map((kind) => `${file} names ${kind}`);
    });
    expect(named).toEqual([]);
  });
});
