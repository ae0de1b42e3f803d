import { invalidRequest } from '../errors.ts';
import { numberOf, type JsonObject } from '../json.ts';
import { optionalNumber, timeOf } from '../wire/input.ts';
import type { OperationContext } from './operation.ts';

/** `GetTimeSeriesServiceStatistics`: how many segments began in each period, over all services. */
export function getTimeSeriesServiceStatistics(
  input: JsonObject,
  { region }: OperationContext,
): JsonObject {
  const fromMs = timeOf(input, 'StartTime');
  const toMs = timeOf(input, 'EndTime');
  if (fromMs > toMs) throw invalidRequest('StartTime must be before EndTime');
  const periodMs = (optionalNumber(input, 'Period') ?? 60) * 1000;
  if (periodMs !== 60_000 && periodMs !== 300_000) throw invalidRequest('Period must be 60 or 300');

  const periods = new Map<
    number,
    { ok: number; error: number; throttle: number; fault: number; time: number }
  >();
  for (const { trace } of region.matching('TraceId', fromMs, toMs)) {
    const { segments } = region.facts(trace);
    for (const { document } of segments) {
      if (document['inferred'] === true || document['type'] === 'subsegment') continue;
      const start = numberOf(document['start_time']) ?? 0;
      const at = Math.floor((start * 1000) / periodMs) * periodMs;
      const counts = periods.get(at) ?? { ok: 0, error: 0, throttle: 0, fault: 0, time: 0 };
      periods.set(at, counts);
      if (document['fault'] === true) counts.fault++;
      else if (document['throttle'] === true) counts.throttle++;
      else if (document['error'] === true) counts.error++;
      else counts.ok++;
      counts.time += (numberOf(document['end_time']) ?? start) - start;
    }
  }
  return {
    TimeSeriesServiceStatistics: [...periods]
      .toSorted(([a], [b]) => a - b)
      .map(([at, { ok, error, throttle, fault, time }]) => ({
        Timestamp: at / 1000,
        ServiceSummaryStatistics: {
          OkCount: ok,
          ErrorStatistics: {
            ThrottleCount: throttle,
            OtherCount: error,
            TotalCount: throttle + error,
          },
          FaultStatistics: { OtherCount: fault, TotalCount: fault },
          TotalCount: ok + error + throttle + fault,
          TotalResponseTime: time,
        },
        ResponseTimeHistogram: [],
      })),
    ContainsOldGroupVersions: false,
  };
}
