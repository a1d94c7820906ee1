const ALARMING = new Set(['warn', 'error', 'fatal']);

/**
 * The line to print for a line of a process's output: for warnings and errors of its JSON log, and for anything on stderr
 * that is not JSON, which is what a process prints before it has a logger. Undefined for everything else.
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
