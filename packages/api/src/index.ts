/** All routes for readers, as one application. */
export { type ApiParts, createApi } from './create-api.ts';
/** Live Search: fed by the writer, read by streams. */
export { LiveSpans, type LiveSpansOptions } from './live/live-spans.ts';
/** What the routes read from. */
export type {
  RecentReader,
  ServicesReader,
  SpanAnalyticsReader,
  SpanReader,
  SystemReader,
  XRayControl,
} from './ports.ts';
/** Where unexpected errors go. */
export type { ReportError } from './error-answer.ts';
