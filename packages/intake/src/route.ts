import type { BodyLimits } from './body-limits.ts';
import type { FormatChoice } from './payload-format.ts';

/** An answer that never changes. */
export interface FixedAnswer {
  readonly status: number;
  /** Left out for an empty body. */
  readonly contentType?: string;
  readonly body: string;
}

/** How a trace reply looks: the rates, or the text of the oldest versions. */
type TraceReply = 'rates' | FixedAnswer;

/** What happens with a request, once it may enter. */
export type Handling =
  /** Spans: read, inflate, hand to the sink. */
  | {
      readonly kind: 'traces';
      readonly format: FormatChoice;
      readonly reply: TraceReply;
      /** v1.0 clients understand 429 without saying so. */
      readonly knows429?: boolean;
    }
  /** Client-computed statistics: as traces, but nothing in them is a span. */
  | { readonly kind: 'stats'; readonly format: FormatChoice; readonly reply: FixedAnswer }
  /** One path, three kinds of bodies: see `shared-input.ts`. */
  | { readonly kind: 'shared-input' }
  /** OTLP: traces are stored, logs and metrics have no store yet and the answer says so. */
  | { readonly kind: 'otlp'; readonly signal: 'traces' | 'logs' | 'metrics' }
  /** Read to the end, counted, dropped. */
  | { readonly kind: 'discard'; readonly reply: FixedAnswer }
  /** As `discard`, but never refused: on an error tracers send telemetry to the vendor instead. */
  | { readonly kind: 'telemetry'; readonly reply: FixedAnswer }
  /** `GET /info`. */
  | { readonly kind: 'info' }
  /** `GET /api/v1/validate`: tells whether the key is good. */
  | { readonly kind: 'validate' }
  /** Known, and refused so that clients turn the feature off. */
  | { readonly kind: 'absent' };

/** One line of the route table. */
export interface Route {
  /** The path after normalisation. A final `*` stands for any rest. */
  readonly path: string;
  /** Whose protocol it is: decides what a key failure and an error look like. */
  readonly side: 'agent' | 'backend' | 'otlp';
  /** `read`: GET and HEAD. `write`: POST and PUT, which clients use as they like. `any`: all four. */
  readonly access: 'read' | 'write' | 'any';
  readonly limits: BodyLimits;
  readonly handling: Handling;
}

/** Names of the common answers. */
export type AnswerName =
  | 'acceptedEmpty'
  | 'acceptedErrors'
  | 'acceptedObject'
  | 'acceptedStatus'
  | 'okEmpty'
  | 'okObject'
  | 'okText';

/** Common answers. */
export const ANSWERS: Readonly<Record<AnswerName, FixedAnswer>> = {
  acceptedEmpty: { status: 202, body: '' },
  acceptedErrors: { status: 202, contentType: 'application/json', body: '{"errors":[]}' },
  acceptedObject: { status: 202, contentType: 'application/json', body: '{}' },
  acceptedStatus: { status: 202, contentType: 'application/json', body: '{"status":"ok"}' },
  okEmpty: { status: 200, body: '' },
  okObject: { status: 200, contentType: 'application/json', body: '{}' },
  okText: { status: 200, contentType: 'text/plain', body: 'OK\n' },
};
