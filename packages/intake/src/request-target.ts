/** A request target taken apart. */
export interface RequestTarget {
  /** Path with slashes collapsed, no trailing slash and no token prefix. Not percent-decoded: no route needs it. */
  readonly path: string;
  /** Token of a `/t/<token>/` prefix. */
  readonly token: string | undefined;
  /** Query string without the question mark. */
  readonly query: string;
}

const TOKEN_PREFIX = /^\/t\/([^/]+)(\/.*)?$/;

/**
 * Takes a request target apart. Base URLs written with a final slash give `//v0.4/traces` in some clients and
 * `/api/v0.2/traces/` in others, so both mean the plain path.
 */
export function parseTarget(url: string): RequestTarget {
  const mark = url.indexOf('?');
  let path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark + 1);
  if (!path.startsWith('/')) path = absoluteFormPath(path);
  if (path.includes('//')) path = path.replaceAll(/\/{2,}/g, '/');
  if (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
  if (!path.startsWith('/t/')) return { path, token: undefined, query };
  const match = TOKEN_PREFIX.exec(path);
  return match === null
    ? { path, token: undefined, query }
    : { path: match[2] ?? '/', token: match[1], query };
}

/** `GET http://host/path`: allowed by HTTP, sent by clients behind a misconfigured proxy. */
function absoluteFormPath(target: string): string {
  const scheme = target.indexOf('://');
  const slash = scheme === -1 ? -1 : target.indexOf('/', scheme + 3);
  return slash === -1 ? '/' : target.slice(slash);
}

/** A query parameter; `undefined` when absent. */
export function queryParameter(query: string, name: string): string | undefined {
  if (query === '' || !query.includes(name)) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}

/**
 * A path as it may appear in counters and messages: short, printable, and without anything shaped like a key.
 * The query, where some clients put their key, is never part of it.
 */
export function printablePath(path: string): string {
  const plain = path.replaceAll(/[0-9a-fA-F]{32,}/g, ':key').replaceAll(/[^\w./:~-]/g, '_');
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}
