import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useRef } from 'react';
import { useServices } from '../../data/services.ts';
import { carriedParams, useUrl } from '../../data/url.ts';
import { Button, Kbd, Segmented } from '../../ui/controls.tsx';
import { CoverageNotice } from '../../ui/CoverageNotice.tsx';
import { formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { EmptyRegion, ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { LIVE, readRange } from '../../ui/time-range.ts';
import { useKeys } from '../../ui/use-keys.ts';
import { groupOf, nextSort, readSort, type ServiceGroup, serviceRows } from './service-rows.ts';
import { ServiceTable } from './ServiceTable.tsx';
import styles from './services.module.css';

const groups: readonly { readonly value: ServiceGroup; readonly text: string }[] = [
  { value: 'all', text: 'All' },
  { value: 'code', text: 'Your code' },
  { value: 'data', text: 'Datastores' },
  { value: 'messages', text: 'Queues' },
  { value: 'external', text: 'External' },
];

/** Every service that took requests in the range, and what services were seen to call. */
export function ServicesPage(): ReactNode {
  const [params, setUrl] = useUrl();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const answer = useServices(params.env, readRange(params.from, params.to, LIVE));
  useKeys({ f: () => input.current?.focus() });
  const text = params.q ?? '';
  const group = groups.find(({ value }) => value === params.tab)?.value ?? 'all';
  const services = answer.data?.services;
  const sort = useMemo(() => readSort(params.sort), [params.sort]);
  const rows = useMemo(
    () => serviceRows(services ?? [], { text, group, sort }),
    [services, text, group, sort],
  );
  if (services === undefined || answer.data === undefined) {
    return answer.isError ? (
      <ErrorRegion
        title="Could not list the services"
        error={answer.error}
        onRetry={() => void answer.refetch()}
      />
    ) : (
      <SkeletonRows />
    );
  }
  const counts = Map.groupBy(services, groupOf);
  return (
    <div
      className={styles['page']}
      data-testid="services-page"
      aria-busy={answer.isPlaceholderData}
    >
      <div className={styles['tools']}>
        <label className={styles['filter']}>
          <Icon name="search" size={14} />
          <input
            ref={input}
            value={text}
            onChange={(event) => setUrl({ q: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
            placeholder="Filter by name"
            aria-label="Filter services by name"
            data-testid="services-filter"
            spellCheck={false}
          />
          <Kbd>f</Kbd>
        </label>
        <Segmented
          label="Kind of service"
          value={group}
          options={groups.map(({ value, text: name }) => ({
            value,
            text: `${name} ${value === 'all' ? services.length : (counts.get(value)?.length ?? 0)}`,
          }))}
          onChange={(tab) => setUrl({ tab: tab === 'all' ? undefined : tab })}
        />
        <span className="grow" />
        <Button onClick={() => void navigate({ to: '/map', search: carriedParams(params) })}>
          Show the map
        </Button>
      </div>
      <CoverageNotice coverage={answer.data.coverage} />
      {answer.isError ? (
        <p className={styles['stale']} role="status">
          <Icon name="warning" size={14} />
          {answer.error.message} The figures are of the last answer.
        </p>
      ) : null}
      {rows.length > 0 ? (
        <ServiceTable
          rows={rows}
          all={services}
          params={params}
          sort={sort}
          onSort={(by) => setUrl({ sort: nextSort(sort, by) })}
        />
      ) : services.length > 0 ? (
        <EmptyRegion
          icon="filter"
          title="No service matches"
          testId="services-no-match"
          actions={
            <Button onClick={() => setUrl({ q: undefined, tab: undefined })}>
              Show all {services.length}
            </Button>
          }
        >
          {formatPlural(services.length, 'service')} took requests in this range, none of them of
          this kind with “{text}” in its name.
        </EmptyRegion>
      ) : (
        <EmptyRegion
          icon="host"
          title="No service took a request in this range"
          testId="services-empty"
          actions={
            <Button onClick={() => setUrl({ from: 'now-1d', to: 'now', env: undefined })}>
              Look through the past day, all environments
            </Button>
          }
        >
          A service is listed as soon as a span enters it.
        </EmptyRegion>
      )}
      <p className={`faint ${styles['foot']}`}>
        {formatPlural(rows.length, 'row')} of {services.length}, from{' '}
        {formatPlural(answer.data.coverage.spans, 'span')}. A request is a span that enters a
        service; for what is inferred from its callers it is a call of theirs.
      </p>
    </div>
  );
}
