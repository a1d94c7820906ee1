const ALARMING = new Set(['warn', 'error', 'fatal']);

/**
 * The line to print for a line of a process's output: for warnings and errors of its JSON log, with what they are about
 * and why, and for anything on stderr that is not JSON, which is what a process prints before it has a logger.
 * Undefined for everything else.
 */
export function terminalLine(name: string, line: string, stream: 'stdout' | 'stderr'): string | undefined {
  const entry = parseLogEntry(line);
  if (!entry) return stream === 'stderr' && line.trim() ? `[${name}] ${line}` : undefined;
  if (!ALARMING.has(entry.level)) return undefined;
  const about = aboutOf(entry);
  const reasons = [entry.reason, entry.cause, entry.err?.message].filter((reason) => reason && reason !== entry.msg);
  const why = reasons.length > 0 ? `: ${reasons.join(' ')}` : '';
  return `[${name}] ${entry.level}: ${entry.msg ?? ''}${about && ` (${about})`}${why}`;
}

interface LogEntry {
  level: string;
  msg?: string;
  account?: string;
  connection?: string;
  handoffId?: string;
  call?: string;
  route?: string;
  reason?: string;
  cause?: string;
  err?: { message?: string };
}

/** `main/desk, append, handoff:main:7` */
function aboutOf({ account, connection, handoffId, call, route }: LogEntry): string {
  const where = [account, connection].filter(Boolean).join('/');
  return [where, call ?? route, handoffId].filter(Boolean).join(', ');
}

function parseLogEntry(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
