const ALARMING = new Set(['warn', 'error', 'fatal']);

/**
 * What of a process's output belongs on the terminal: warnings and errors of its JSON log, and anything on stderr that
 * is no JSON, which is what a process says before it has a logger. Undefined for all else.
 */
export function terminalLine(name: string, line: string, stream: 'stdout' | 'stderr'): string | undefined {
  const entry = parseLogEntry(line);
  if (!entry) return stream === 'stderr' && line.trim() ? `[${name}] ${line}` : undefined;
  if (!ALARMING.has(entry.level)) return undefined;
  const reason = entry.err?.message;
  return `[${name}] ${entry.level}: ${entry.msg ?? ''}${reason && reason !== entry.msg ? ` (${reason})` : ''}`;
}

interface LogEntry {
  level: string;
  msg?: string;
  err?: { message?: string };
}

function parseLogEntry(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
