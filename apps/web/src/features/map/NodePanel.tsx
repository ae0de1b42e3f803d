import { formatDuration } from '@spanloom/flame';
import type { ServiceEdgeJson, ServiceMapResponse, ServiceNodeJson } from '@spanloom/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { carriedParams, type UrlParams } from '../../data/url.ts';
import { classNames } from '../../ui/class-names.ts';
import { Badge, Button, buttonClass, Swatch } from '../../ui/controls.tsx';
import { formatAge, formatCount, formatShare } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { serviceQuery } from '../../ui/service-query.ts';
import { serviceTypes } from '../../ui/service-type.ts';
import { useNow } from '../../ui/use-now.ts';
import { errorLevel } from './map-view.ts';
import styles from './map.module.css';

interface Props {
  readonly node: ServiceNodeJson;
  readonly map: ServiceMapResponse;
  readonly params: UrlParams;
  readonly onSelect: (id: string) => void;
  readonly onClose: () => void;
}

/** A node's figures, who calls it and what it calls. */
export function NodePanel({ node, map, params, onSelect, onClose }: Props): ReactNode {
  const now = useNow(10_000);
  const look = serviceTypes[node.type];
  const names = new Map(map.nodes.map((one) => [one.id, one]));
  const callers = map.edges.filter(({ to }) => to === node.id);
  const callees = map.edges.filter(({ from }) => from === node.id);
  const search = {
    ...carriedParams(params),
    env: node.env,
    q: serviceQuery(
      node,
      callers.map(({ from }) => names.get(from)?.service ?? from),
    ),
    ...(!node.inferred && { spanScope: 'entry' }),
  };
  const level = errorLevel(node);
  return (
    <aside
      className={styles['panel']}
      aria-label={`Service ${node.service}`}
      data-testid="node-panel"
    >
      <div className={styles['panelHead']}>
        <Icon name={look.icon} />
        <h2 className="ell" title={node.service}>
          {node.service}
        </h2>
        {level === 'fine' ? null : (
          <Badge look={level === 'bad' ? 'crit' : 'warn'}>
            {formatShare(node.errors, node.requests)} failed
          </Badge>
        )}
        <span className="grow" />
        <Button look="ghost" iconOnly aria-label="Close" onClick={onClose}>
          <Icon name="x" size={14} />
        </Button>
      </div>
      <p className={`faint ${styles['about']}`}>
        {look.text} in {node.env || 'no environment'}
        {node.inferred ? ', known from its callers only: the figures are of their calls' : ''}
        {node.last_seen === null
          ? ''
          : `; last request ${formatAge(Date.parse(node.last_seen), now)}`}
      </p>
      <dl className={styles['figuresList']}>
        <Figure name="requests">{formatCount(node.requests)}</Figure>
        <Figure
          name="failed"
          tone={level === 'bad' ? 'err' : level === 'some' ? 'warn' : undefined}
        >
          {node.requests === 0 ? '–' : formatShare(node.errors, node.requests)}
        </Figure>
        <Figure name="p50">{duration(node.p50_ns)}</Figure>
        <Figure name="p95">{duration(node.p95_ns)}</Figure>
        <Figure name="p99">{duration(node.p99_ns)}</Figure>
      </dl>
      <Calls
        title="Called by"
        empty="Nothing that is stored calls it in this range."
        edges={callers}
        other={({ from }) => names.get(from)}
        onSelect={onSelect}
      />
      <Calls
        title="Calls"
        empty="It calls nothing in this range."
        edges={callees}
        other={({ to }) => names.get(to)}
        onSelect={onSelect}
      />
      <div className={styles['links']}>
        <Link
          to="/traces"
          search={search}
          className={buttonClass('primary')}
          data-testid="panel-traces"
        >
          View spans
        </Link>
        <Link
          to="/traces"
          search={{ ...search, q: `${search.q} status:error` }}
          className={buttonClass()}
        >
          Failed ones
        </Link>
      </div>
    </aside>
  );
}

function Figure(props: {
  readonly name: string;
  readonly tone?: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd className={props.tone}>{props.children}</dd>
    </div>
  );
}

function Calls(props: {
  readonly title: string;
  readonly empty: string;
  readonly edges: readonly ServiceEdgeJson[];
  readonly other: (edge: ServiceEdgeJson) => ServiceNodeJson | undefined;
  readonly onSelect: (id: string) => void;
}): ReactNode {
  const edges = props.edges.toSorted((a, b) => b.requests - a.requests);
  return (
    <section className={styles['calls']}>
      <h3>{props.title}</h3>
      {edges.length === 0 ? (
        <p className="faint">{props.empty}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Service</span>
              </th>
              <th scope="col" className="num">
                Calls
              </th>
              <th scope="col" className="num">
                Failed
              </th>
              <th scope="col" className="num">
                p95
              </th>
            </tr>
          </thead>
          <tbody>
            {edges.map((edge) => {
              const other = props.other(edge);
              if (other === undefined) return null;
              const level = errorLevel(edge);
              return (
                <tr key={other.id}>
                  <th scope="row">
                    <button
                      type="button"
                      onClick={() => props.onSelect(other.id)}
                      title={other.service}
                    >
                      {serviceTypes[other.type].managed ? (
                        <Icon name={serviceTypes[other.type].icon} size={12} />
                      ) : (
                        <Swatch name={other.service} />
                      )}
                      <span className="ell">{other.service}</span>
                    </button>
                  </th>
                  <td className="num">{formatCount(edge.requests)}</td>
                  <td
                    className={classNames(
                      'num',
                      level === 'bad' ? 'err' : level === 'some' ? 'warn' : 'faint',
                    )}
                  >
                    {formatShare(edge.errors, edge.requests)}
                  </td>
                  <td className="num">{formatDuration(edge.p95_ns)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

function duration(ns: number | null): string {
  return ns === null ? '–' : formatDuration(ns);
}
