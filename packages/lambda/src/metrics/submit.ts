import { builtin } from '../builtin.ts';
import type { Settings } from '../config.ts';
import { guard, say } from '../log.ts';
import { findDestination } from '../send/destination.ts';
import { HttpConnection } from '../send/http-connection.ts';
import { writeLines } from '../send/lines.ts';
import { sendDatagram } from '../send/udp.ts';
import { resolveApiKey } from './api-key.ts';
import { pointDatagram, pointLine, pointsBody, type MetricPoint } from './point.ts';

/** The extension refuses older points. */
const extensionAgeLimitSeconds = 4 * 3600;
const batchLimit = 1000;
const waitLimitMs = 1000;

let batch: MetricPoint[] = [];
let connection: HttpConnection | undefined;

/** Sends a point the way that the environment allows: to the extension, into the log, or over the metrics API. */
export function submitPoint(point: MetricPoint, settings: Settings, enhanced = false): void {
  guard('send a metric', () => {
    const destination = findDestination();
    if (destination.kind === 'extension') {
      const age = Date.now() / 1000 - point.epochSeconds;
      if (age > extensionAgeLimitSeconds) {
        say(
          'warning',
          `Cannot send metric ${point.name}: its time is ${Math.round(age / 3600)} hours ago, the extension takes 4`,
        );
        return;
      }
      sendDatagram(
        pointDatagram(point),
        '127.0.0.1',
        Number(process.env['DD_DOGSTATSD_PORT'] ?? 8125),
      );
    } else if (settings.logForwarding || enhanced) writeLines(pointLine(point));
    else if (settings.fips && destination.kind === 'log') {
      say('debug', `Cannot send metric ${point.name}: the metrics API is not used in FIPS mode`);
    } else if (batch.length < batchLimit) batch.push(point);
    else say('debug', `Cannot send metric ${point.name}: ${batchLimit} wait already`);
  });
}

/** Sends what waits for the metrics API. Resolves when it has arrived, or after a second; `undefined` if nothing waits. */
export function flushPoints(settings: Settings, remainingMs: number): Promise<void> | undefined {
  if (batch.length === 0) return undefined;
  const points = batch;
  batch = [];
  return post(points, settings, Math.min(waitLimitMs, remainingMs * 0.2));
}

async function post(points: MetricPoint[], settings: Settings, limitMs: number): Promise<void> {
  try {
    const key = await resolveApiKey(settings);
    if (key === '') return;
    const destination = findDestination();
    connection ??= new HttpConnection(
      destination.kind === 'server'
        ? destination.server
        : new URL(`https://api.${settings.siteURL}`),
      { awaitAnswer: true },
    );
    const { deflateSync } = builtin<typeof import('node:zlib')>('zlib');
    let retries = settings.shouldRetryMetrics ? 2 : 0;
    const send = (): void =>
      connection?.send({
        path: '/api/v1/distribution_points',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'deflate',
          'dd-api-key': key,
        },
        body: deflateSync(pointsBody(points)),
        lost: () => {
          if (retries-- > 0) setTimeout(send, 250).unref();
        },
      });
    send();
    await connection.settle(limitMs);
  } catch (error) {
    guard('report that metrics are lost', () =>
      say('debug', `Cannot send metrics: ${String(error)}`),
    );
  }
}
