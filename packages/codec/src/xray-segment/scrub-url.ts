import { truncateText } from '../normalise/truncate-utf8.ts';

const LONGEST_URL = 2048;
const USER_INFO = /^((?:jdbc:)?[a-z][a-z0-9+.:-]*:\/\/)[^/?#]*@/i;
/** A password that was not encoded, with `/`, `?` or `#` in it. What looks like a port and a path is left alone. */
const ODD_USER_INFO =
  /^((?:jdbc:)?[a-z][a-z0-9+.:-]*:\/\/)[^\s@/?#]*:(?!\d+(?:[/?#]|$))\S*@(?=[^\s@/])/i;
/** `user:password@tcp(host)/database`, as drivers for Go take it. */
const BARE_USER_INFO = /^[^\s:@/]+:\S*@(?=\w*\()/;
/** `password=…`, `pwd=…`, `secret=…` in connection strings, quoted or up to the next member. */
const SECRET_MEMBER =
  /\b(password|passwd|pwd|secret|token|accountkey|sharedaccesskey)(\s*=\s*)("[^"]*"|'[^']*'|\{[^}]*\}|[^;&]*?(?=\s\w+\s*=|[;&]|$))/gi;

/** A URL as it may be shown: no user and password, no fragment, and of the query only the names. */
export function scrubUrl(url: string): string {
  const [beforeFragment = ''] = withoutUser(url).split('#', 1);
  const queryAt = beforeFragment.indexOf('?');
  const base = queryAt < 0 ? beforeFragment : beforeFragment.slice(0, queryAt);
  const names =
    queryAt < 0
      ? []
      : beforeFragment
          .slice(queryAt + 1)
          .split('&')
          .map((pair) => pair.split('=', 1)[0] ?? '')
          .filter((name) => name !== '');
  return truncateText(names.length === 0 ? base : `${base}?${names.join('&')}`, LONGEST_URL);
}

function withoutUser(url: string): string {
  return url.replace(ODD_USER_INFO, '$1').replace(USER_INFO, '$1').replace(BARE_USER_INFO, '');
}

/** A database URL or connection string without its credentials. The database's name and options stay. */
export function scrubConnection(text: string): string {
  return withoutUser(text).replace(SECRET_MEMBER, '$1$2?');
}

/** What a URL says about where it leads; '' for what it does not say. */
export interface UrlParts {
  readonly host: string;
  /** Starts with `/` where there is one. */
  readonly path: string;
}

/** Takes a URL, or a bare path, apart. Never fails: `URL` refuses too much of what is seen. */
export function urlParts(url: string): UrlParts {
  const clean = scrubUrl(url).split('?', 1)[0] ?? '';
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)(\/.*)?$/i.exec(clean);
  if (match === null) return { host: '', path: clean.startsWith('/') ? clean : '' };
  return { host: match[1] ?? '', path: match[2] ?? '/' };
}

const NUMBER = /^\d+$/;
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const LONG_HEX = /^(?=.*\d)[0-9a-f]{8,}$/i;
const LONG_MIX = /^(?=.*\d)(?=.*[a-z])[\w-]{20,}$/i;

/** A path whose parts that look like ids are `?`, so that all requests of one route have one name. */
export function routeOf(path: string): string {
  return path
    .split('/')
    .map((part) =>
      [NUMBER, UUID, LONG_HEX, LONG_MIX].some((shape) => shape.test(part)) ? '?' : part,
    )
    .join('/');
}
