import { formatTraceId, tryParseTraceId } from '@spanloom/base';

// In the order in which a log line is likely to mean them. Bare decimals are left out: a line is full of numbers.
const SHAPES = [
  /\b1-[0-9a-f]{8}-[0-9a-f]{24}\b/i,
  /\b[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b/i,
  /\b(?:dd\.)?trace[_.-]?id["']?\s*[:=]\s*["']?(\d{1,20}|[0-9a-f]{16}|[0-9a-f]{32})\b/i,
  /\b[0-9a-f]{32}\b/i,
];

/**
 * The trace id that a text is, or has inside it, in lower-case hex. Plain words and
 * queries give undefined.
 */
export function findTraceId(text: string): string | undefined {
  const whole = tryParseTraceId(text);
  if (whole !== undefined) return formatTraceId(whole);
  for (const shape of SHAPES) {
    const match = shape.exec(text);
    const id = match === null ? undefined : tryParseTraceId(match[1] ?? match[0]);
    if (id !== undefined) return formatTraceId(id);
  }
  return undefined;
}
