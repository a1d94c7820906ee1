/**
 * Hooks that start servers are given more time than tests: on a busy machine a start takes minutes, and that says
 * nothing about what is tested. A hook may still name a timeout of its own.
 */
const HOOK_TIMEOUT_MS = 5 * 60_000;

for (const name of ['beforeAll', 'afterAll'] as const) {
  const hook = globalThis[name];
  globalThis[name] = (run, timeoutMs = HOOK_TIMEOUT_MS) => {
    hook(run, timeoutMs);
  };
}
