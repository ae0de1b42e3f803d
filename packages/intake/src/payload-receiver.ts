import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, OverloadedError } from '@spanloom/base';
import type { DecodeOutcome, IntakeRecord, RecordFormat } from '@spanloom/model';
import type { ClientRegistry } from './client-registry.ts';
import { decodeHeaders, headerCount } from './decode-headers.ts';
import { type IntakeCounters, languageLabel } from './intake-counters.ts';
import type { Lease } from './memory-budget.ts';
import type { RecordSink } from './record-sink.ts';

/** A whole, inflated payload and where it came from. */
export interface ReceivedPayload {
  readonly format: RecordFormat;
  readonly body: Uint8Array;
  readonly headers: IncomingHttpHeaders;
  /** The route, for counters. */
  readonly endpoint: string;
  /** Bytes as sent. */
  readonly wireBytes: number;
}

interface Parts {
  readonly sink: RecordSink;
  readonly counters: IntakeCounters;
  readonly clients: ClientRegistry;
  readonly clock: Clock;
  readonly ackTimeoutMs: number;
}

/** Hands payloads to the sink and counts what became of them: the step that HTTP and gRPC share. */
export class PayloadReceiver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the payload is durable.
   * @throws What `RecordSink.accept` throws, and `OverloadedError` when it takes too long: the sender has given up
   *   by then, and what becomes durable later is the duplicate that every sender may cause anyway.
   */
  async receive(payload: ReceivedPayload, lease: Lease): Promise<DecodeOutcome> {
    const { sink, clock, ackTimeoutMs } = this.#parts;
    const record: IntakeRecord = {
      format: payload.format,
      receivedMs: clock.now(),
      headers: decodeHeaders(payload.headers),
      body: payload.body,
    };
    const accepting = sink.accept(record);
    lease.holdUntil(accepting);
    const outcome = await withDeadline(accepting, ackTimeoutMs);
    this.#count(payload, outcome);
    return outcome;
  }

  #count({ headers, endpoint, wireBytes }: ReceivedPayload, outcome: DecodeOutcome): void {
    const { counters, clients } = this.#parts;
    const reported = headerText(headers['datadog-meta-lang']) || outcome.language;
    const language = languageLabel(reported);
    const droppedP0Traces = headerCount(headers['datadog-client-dropped-p0-traces']);
    const droppedP0Spans = headerCount(headers['datadog-client-dropped-p0-spans']);
    counters.payloadAccepted.add(1, language, endpoint);
    counters.tracesReceived.add(outcome.traces, language, endpoint);
    counters.tracesBytes.add(wireBytes, language, endpoint);
    counters.spansReceived.add(outcome.spans, language, endpoint);
    counters.spansDropped.add(outcome.droppedSpans + outcome.rejectedSpans, language, endpoint);
    counters.clientDroppedP0Traces.add(droppedP0Traces, language);
    counters.clientDroppedP0Spans.add(droppedP0Spans, language);
    for (const reason in outcome.droppedTraces) {
      counters.tracesDropped.add(outcome.droppedTraces[reason]!, reason);
    }
    for (const reason in outcome.malformedSpans) {
      counters.spansMalformed.add(outcome.malformedSpans[reason]!, reason);
    }
    for (const priority in outcome.priorities) {
      counters.tracesPriority.add(outcome.priorities[priority]!, priority);
    }
    clients.record(
      {
        language: reported,
        languageVersion: headerText(headers['datadog-meta-lang-version']),
        tracerVersion: headerText(headers['datadog-meta-tracer-version']) || outcome.tracerVersion,
        endpoint,
      },
      {
        traces: outcome.traces,
        spans: outcome.spans,
        bytes: wireBytes,
        droppedP0Traces,
        droppedP0Spans,
      },
    );
  }
}

function headerText(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `Cannot store the payload: it was not durable within ${timeoutMs} ms`;
      reject(new OverloadedError(message));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
