/** All routes for readers, as one application. */
export { type ApiParts, createApi } from './create-api.ts';
/** What the routes read from. */
export type {
  SearchPage,
  SpanReader,
  SpanSearch,
  StoredSpan,
  SystemReader,
  TimeRange,
} from './ports.ts';
/** Where unexpected errors go. */
export type { ReportError } from './error-answer.ts';
