import { startRequestTracker } from '../../support/request-tracker';

/** `npx tsx test/external/request-tracker/serve.ts`: a Request Tracker to try the service with, gone again at Ctrl-C. */
async function main(): Promise<void> {
  const rt = await startRequestTracker();
  const { baseUrl, agent, otherAgent } = rt;
  const people = [agent, otherAgent].map(({ username, password }) => `  ${username} / ${password}`);
  const command = `SANDBOX_CONFIG=sandbox/handoff.request-tracker.yaml RT_URL=${baseUrl} RT_PASSWORD=${rt.password} npm start`;
  console.log(
    [`Request Tracker  ${baseUrl}`, 'Agents:', ...people, 'Start the service before it:', `  ${command}`].join('\n'),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void rt.stop().then(() => process.exit()));
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
