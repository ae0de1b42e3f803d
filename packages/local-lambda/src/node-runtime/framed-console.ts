import { writeSync } from 'node:fs';
import { format } from 'node:util';

const levels = {
  trace: { name: 'TRACE', bits: 0x04 },
  debug: { name: 'DEBUG', bits: 0x08 },
  log: { name: 'INFO', bits: 0x0c },
  info: { name: 'INFO', bits: 0x0c },
  warn: { name: 'WARN', bits: 0x10 },
  error: { name: 'ERROR', bits: 0x14 },
} as const;
const order = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Makes `console` write as on Lambda: time, request id and level before each text, or one JSON object with JSON logging; levels
 * below `AWS_LAMBDA_LOG_LEVEL` are left out. Messages go to descriptor `fd` as frames, so that one of several lines stays one.
 */
export function installConsole(requestId: () => string | undefined, fd: number | undefined): void {
  const json = process.env['AWS_LAMBDA_LOG_FORMAT']?.toUpperCase() === 'JSON';
  const least = order.indexOf(process.env['AWS_LAMBDA_LOG_LEVEL']?.toUpperCase() ?? 'TRACE');
  for (const [method, level] of Object.entries(levels)) {
    console[method as keyof typeof levels] = (...args: unknown[]): void => {
      if (order.indexOf(level.name) < least) return;
      const time = new Date().toISOString();
      const text = json
        ? jsonLine(time, level.name, requestId(), args)
        : `${time}\t${requestId() ?? 'undefined'}\t${level.name}\t${format(...args)}`;
      if (fd === undefined) process.stdout.write(`${text.replaceAll('\n', '\r')}\n`);
      else writeFrame(fd, (json ? 0xa55a0002 : 0xa55a0003) + level.bits, `${text}\n`);
    };
  }
}

function jsonLine(
  timestamp: string,
  level: string,
  requestId: string | undefined,
  args: readonly unknown[],
): string {
  const [first] = args;
  const single = args.length === 1 && typeof first === 'object' && !(first instanceof Error);
  const message = single ? first : format(...args);
  try {
    return JSON.stringify({ timestamp, level, requestId, message });
  } catch {
    return JSON.stringify({ timestamp, level, requestId, message: format(...args) });
  }
}

function writeFrame(fd: number, type: number, text: string): void {
  const message = Buffer.from(text);
  const frame = Buffer.alloc(16 + message.byteLength);
  frame.writeUInt32BE(type, 0);
  frame.writeUInt32BE(message.byteLength, 4);
  frame.writeBigUInt64BE(BigInt(Date.now()) * 1000n, 8);
  message.copy(frame, 16);
  let written = 0;
  while (written < frame.byteLength) written += writeSync(fd, frame, written);
}
