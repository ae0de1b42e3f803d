import { readSettings, type Settings } from '../config.ts';
import { guard } from '../log.ts';
import { currentInvocation } from '../shared.ts';
import type { MetricPoint } from './point.ts';
import { submitPoint } from './submit.ts';

const queueLimit = 1024;

/** Points recorded while no invocation runs. They leave with the next one. */
// oxlint-disable-next-line no-underscore-dangle -- the name is part of the interface
export const _metricsQueue: MetricPoint[] = [];

/** Records one value of a distribution. Tags are texts of the form `key:value`. */
export function sendDistributionMetric(name: string, value: number, ...tags: string[]): void {
  record(name, value, new Date(), tags);
}

/** Records one value of a distribution for a time that is not now. */
export function sendDistributionMetricWithDate(
  name: string,
  value: number,
  date: Date,
  ...tags: string[]
): void {
  record(name, value, date, tags);
}

function record(name: string, value: number, date: Date, tags: readonly string[]): void {
  guard('record a metric', () => {
    const epochSeconds = Math.floor(date.getTime() / 1000);
    if (!Number.isFinite(value) || !Number.isFinite(epochSeconds)) return;
    const invocation = currentInvocation();
    const settings = invocation?.settings ?? (fallback ??= readSettings());
    const point = {
      name,
      value,
      epochSeconds,
      tags: [
        ...tags.filter((tag) => typeof tag === 'string' && tag !== ''),
        `dd_lambda_layer:datadog-node${process.version}`,
        ...settings.tags.map(([key, one]) => `${key}:${one}`),
        ...(settings.service === undefined ? [] : [`service:${settings.service}`]),
        ...(settings.env === undefined ? [] : [`env:${settings.env}`]),
      ],
    };
    if (invocation !== undefined) {
      submitPoint(point, settings);
      return;
    }
    if (_metricsQueue.length >= queueLimit) _metricsQueue.shift();
    _metricsQueue.push(point);
  });
}

let fallback: Settings | undefined;

/** Sends what was recorded between invocations. */
export function drainMetricsQueue(settings: Settings): void {
  for (const point of _metricsQueue.splice(0)) submitPoint(point, settings);
}
