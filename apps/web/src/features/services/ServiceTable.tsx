import type { ServiceJson } from '@spanloom/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { carriedParams, type UrlParams } from '../../data/url.ts';
import { classNames } from '../../ui/class-names.ts';
import { Badge, Swatch } from '../../ui/controls.tsx';
import { formatAge, formatCount, formatShare } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { serviceQuery } from '../../ui/service-query.ts';
import { serviceTypes } from '../../ui/service-type.ts';
import { useNow } from '../../ui/use-now.ts';
import { formatDuration } from '@spanloom/flame';
import type { Sort, SortKey } from './service-rows.ts';
import styles from './services.module.css';

interface Props {
  readonly rows: readonly ServiceJson[];
  /** Where callers are looked up by their ids. */
  readonly all: readonly ServiceJson[];
  readonly params: UrlParams;
  readonly sort: Sort;
  readonly onSort: (by: SortKey) => void;
}

const COLUMNS: readonly (readonly [key: SortKey, name: string, numeric: boolean])[] = [
  ['name', 'Service', false],
  ['type', 'Type', false],
  ['requests', 'Requests', true],
  ['errors', 'Errors', true],
  ['p50', 'p50', true],
  ['p95', 'p95', true],
  ['p99', 'p99', true],
  ['seen', 'Last request', true],
];

export function ServiceTable({ rows, all, params, sort, onSort }: Props): ReactNode {
  const now = useNow(10_000);
  const names = new Map(all.map(({ id, service }) => [id, service]));
  const manyEnvs = new Set(all.map(({ env }) => env)).size > 1;
  return (
    <div className={styles['scroll']} tabIndex={0} role="region" aria-label="Services">
      <table className={styles['table']}>
        <thead>
          <tr>
            {COLUMNS.map(([key, name, numeric]) => (
              <th
                key={key}
                scope="col"
                className={numeric ? 'num' : undefined}
                aria-sort={
                  sort.by === key ? (sort.descending ? 'descending' : 'ascending') : undefined
                }
              >
                <button type="button" onClick={() => onSort(key)} data-testid={`sort-${key}`}>
                  {name}
                  {sort.by === key ? (
                    <Icon name={sort.descending ? 'down' : 'up'} size={12} />
                  ) : null}
                </button>
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">Map</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => {
            const look = serviceTypes[one.type];
            const callers = one.callers.map((id) => names.get(id) ?? id);
            return (
              <tr key={one.id} data-testid="service-row">
                <th scope="row">
                  <span className={styles['name']}>
                    {one.inferred || look.managed ? (
                      <Icon name={look.icon} size={12} className="faint" />
                    ) : (
                      <Swatch name={one.service} />
                    )}
                    <Link
                      to="/traces"
                      search={{
                        ...carriedParams(params),
                        env: one.env,
                        q: serviceQuery(one, callers),
                        ...(!one.inferred && { spanScope: 'entry' }),
                      }}
                      className="ell"
                      title={one.service}
                    >
                      {one.service}
                    </Link>
                    {manyEnvs ? <span className="faint">{one.env || 'no env'}</span> : null}
                    {one.inferred ? (
                      <span title={`Known from its callers only: ${callers.join(', ')}`}>
                        <Badge look="line">inferred</Badge>
                      </span>
                    ) : null}
                  </span>
                </th>
                <td className="soft">{look.text}</td>
                <td className="num">{formatCount(one.requests)}</td>
                <td
                  className={classNames('num', errorTone(one))}
                  title={`${one.errors.toLocaleString('en-GB')} failed`}
                >
                  {one.requests === 0 ? '–' : formatShare(one.errors, one.requests)}
                </td>
                {[one.p50_ns, one.p95_ns, one.p99_ns].map((ns, index) => (
                  <td key={index} className="num">
                    {ns === null ? '–' : formatDuration(ns)}
                  </td>
                ))}
                <td className="num soft">
                  {one.last_seen === null ? '–' : formatAge(Date.parse(one.last_seen), now)}
                </td>
                <td className={styles['more']}>
                  <Link
                    to="/map"
                    search={{ ...carriedParams(params), panel: one.id }}
                    className="link"
                    aria-label={`${one.service} on the map`}
                  >
                    Map
                  </Link>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function errorTone({ errors, requests }: ServiceJson): string {
  if (errors === 0) return 'faint';
  return errors / requests >= 0.05 ? 'err' : errors / requests >= 0.01 ? 'warn' : '';
}
