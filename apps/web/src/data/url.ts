import { useNavigate, useSearch } from '@tanstack/react-router';

/** Every field of the URL's search part, as typed text. A page reads its own with a default each. */
const urlFields = [
  'q',
  'from',
  'to',
  'paused',
  'env',
  'spanScope',
  'cols',
  'sort',
  'view',
  'agg',
  'by',
  'top',
  'rollup',
  'disp',
  'span',
  'tv',
  'colorBy',
  'zoom',
  'tab',
  'tq',
  'cp',
  'eo',
  'dup',
  'clk',
  'panel',
  'xr',
] as const;

type UrlField = (typeof urlFields)[number];
export type UrlParams = { readonly [Field in UrlField]?: string };

/** Keeps the known fields that have text. */
export function readUrlParams(search: Readonly<Record<string, unknown>>): UrlParams {
  const params: { [Field in UrlField]?: string } = {};
  for (const field of urlFields) {
    const value = search[field];
    if (typeof value === 'string' && value !== '') params[field] = value;
  }
  return params;
}

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** `:` `/` `,` and the like are legal in a query string and readable: they stay as typed. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(search)) {
    if (typeof value !== 'string' || value === '') continue;
    parts.push(
      `${encodeURIComponent(key)}=${encodeURIComponent(value).replaceAll(/%(3A|2F|2C|40|7E|2A)/g, (escape) => decodeURIComponent(escape))}`,
    );
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

export type UrlChange = { readonly [Field in UrlField]?: string | undefined };

/** The URL's fields and a way to change some of them; undefined or '' takes a field out. */
export function useUrl(): readonly [
  UrlParams,
  (change: UrlChange, options?: { readonly push?: boolean }) => void,
] {
  const params: UrlParams = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (fields: UrlChange, options: { readonly push?: boolean } = {}): void => {
    void navigate({
      to: '.',
      search: (previous: UrlParams) => readUrlParams({ ...previous, ...fields }),
      replace: options.push !== true,
    });
  };
  return [params, change];
}

/** The fields that follow a person from page to page. */
export function carriedParams(params: UrlParams): UrlParams {
  const { from, to, env } = params;
  return readUrlParams({ from, to, env });
}
