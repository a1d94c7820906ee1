import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { mediaKey, mediaUrl } from '../accounts/file-links';
import { ID, PLATFORM_SETTINGS, startApi } from '../test/support/api-fakes';

/** The API in a process of its own, in front of a Temporal that takes its time; reports its memory by IPC. */
const SIGNAL_MS = 50;
const SAMPLE_EVERY_MS = 50;

async function main(): Promise<void> {
  const fileServer = process.argv[2]!;
  const api = await startApi();
  api.temporal.add(ID);
  api.temporal.beforeSignal = () => delay(SIGNAL_MS);
  api.vendors.contactCenter.files = {
    async open() {
      const [stream] = (await once(get(fileServer), 'response')) as [IncomingMessage];
      return { name: 'film.mp4', mimeType: 'video/mp4', size: Number(stream.headers['content-length']), stream };
    },
  };
  const claims = { account: 'main', contactCenter: 'support', file: '1', name: 'film.mp4' };
  const file = await mediaUrl(api.url, mediaKey({ platform: PLATFORM_SETTINGS }), claims);

  let peak = 0;
  setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), SAMPLE_EVERY_MS);
  process.on('message', () => {
    process.send!({ peak });
    peak = process.memoryUsage().rss;
  });
  process.send!({ port: api.port, file });
}

void main();
