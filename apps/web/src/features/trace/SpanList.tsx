import { Flag, formatDuration, type Grouping } from '@spanloom/flame';
import { Fragment, type ReactNode, useMemo, useState } from 'react';
import { Swatch } from '../../ui/controls.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import type { Scene } from './scene.ts';
import styles from './SpanList.module.css';

interface Line {
  readonly resource: string;
  readonly operation: string;
  /** The first span, where a click leads. */
  readonly firstRow: number;
  spans: number;
  errors: number;
  totalNs: number;
  maxNs: number;
  execNs: number;
  selfNs: number;
}

interface ServiceLines {
  readonly service: string;
  readonly lines: Line[];
  spans: number;
  errors: number;
  execNs: number;
}

type SortKey = 'spans' | 'avg' | 'max' | 'self' | 'exec' | 'errors';

const COLUMNS: readonly { readonly key: SortKey; readonly title: string }[] = [
  { key: 'spans', title: 'Spans' },
  { key: 'avg', title: 'Average' },
  { key: 'max', title: 'Longest' },
  { key: 'self', title: 'Self' },
  { key: 'exec', title: 'Exec time' },
  { key: 'errors', title: 'Errors' },
];

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly emphasis: Uint8Array | undefined;
  readonly onSelect: (row: number) => void;
}

/** Resources by service, with how much of the trace each took. */
export function SpanList({ scene, grouping, emphasis, onSelect }: Props): ReactNode {
  const [sort, setSort] = useState<SortKey>('exec');
  const services = useMemo(() => linesOf(scene, emphasis, sort), [scene, emphasis, sort]);
  const slots = new Map(grouping.groups.map((group) => [group.name, group.slot]));
  return (
    <div className={styles['view']} data-testid="span-list">
      <table>
        <thead>
          <tr>
            <th>Service and resource</th>
            <th>Operation</th>
            {COLUMNS.map(({ key, title }) => (
              <th key={key} className="num" aria-sort={key === sort ? 'descending' : 'none'}>
                <button type="button" data-sorted={key === sort} onClick={() => setSort(key)}>
                  {title}
                  {key === sort ? ' ↓' : ''}
                </button>
              </th>
            ))}
            <th className="num">% exec</th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <Fragment key={service.service}>
              <tr className={styles['group']}>
                <td colSpan={2}>
                  <span className={styles['name']}>
                    <Swatch
                      name={service.service}
                      {...(slots.has(service.service) && { slot: slots.get(service.service)! })}
                    />
                    <span className="strong ell">{service.service}</span>
                  </span>
                </td>
                <td className="num">{formatCount(service.spans)}</td>
                <td colSpan={3} />
                <td className="num">{formatDuration(service.execNs)}</td>
                <td className={`num ${service.errors > 0 ? 'err' : 'faint'}`}>{service.errors}</td>
                <td className="num medium">{formatShare(service.execNs, scene.exec.coveredNs)}</td>
              </tr>
              {service.lines.map((line) => (
                <tr
                  key={`${line.operation} ${line.resource}`}
                  className={styles['item']}
                  onClick={() => onSelect(line.firstRow)}
                >
                  <td>
                    <button
                      type="button"
                      className={`${styles['name']} ell`}
                      style={{ paddingLeft: 16 }}
                      title={line.resource}
                    >
                      <span className={`ell ${line.errors > 0 ? 'err' : ''}`}>{line.resource}</span>
                    </button>
                  </td>
                  <td className="faint mono">{line.operation}</td>
                  <td className="num">{formatCount(line.spans)}</td>
                  <td className="num">{formatDuration(line.totalNs / line.spans)}</td>
                  <td className="num">{formatDuration(line.maxNs)}</td>
                  <td className="num soft">{formatDuration(line.selfNs)}</td>
                  <td className="num">{formatDuration(line.execNs)}</td>
                  <td className={`num ${line.errors > 0 ? 'err' : 'faint'}`}>{line.errors}</td>
                  <td className="num">{formatShare(line.execNs, scene.exec.coveredNs)}</td>
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function linesOf(
  scene: Scene,
  emphasis: Uint8Array | undefined,
  sort: SortKey,
): readonly ServiceLines[] {
  const services = new Map<string, ServiceLines>();
  const lines = new Map<string, Line>();
  for (let row = 0; row < scene.model.count; row++) {
    const span = scene.span(row);
    if (span === undefined || (emphasis !== undefined && emphasis[row] !== 0)) continue;
    const name = span.service || 'no service';
    let service = services.get(name);
    if (service === undefined) {
      service = { service: name, lines: [], spans: 0, errors: 0, execNs: 0 };
      services.set(name, service);
    }
    const key = `${name}\n${span.name}\n${span.resource}`;
    let line = lines.get(key);
    if (line === undefined) {
      line = {
        resource: scene.label(row),
        operation: span.name,
        firstRow: row,
        spans: 0,
        errors: 0,
        totalNs: 0,
        maxNs: 0,
        execNs: 0,
        selfNs: 0,
      };
      lines.set(key, line);
      service.lines.push(line);
    }
    const length = scene.model.end[row]! - scene.model.start[row]!;
    const failed = (scene.model.flags[row]! & Flag.error) !== 0 ? 1 : 0;
    const exec = scene.exec.exec[row]!;
    line.spans++;
    line.errors += failed;
    line.totalNs += length;
    line.maxNs = Math.max(line.maxNs, length);
    line.execNs += exec;
    line.selfNs += scene.self[row]!;
    service.spans++;
    service.errors += failed;
    service.execNs += exec;
  }
  const value: Readonly<Record<SortKey, (line: Line) => number>> = {
    spans: (line) => line.spans,
    avg: (line) => line.totalNs / line.spans,
    max: (line) => line.maxNs,
    self: (line) => line.selfNs,
    exec: (line) => line.execNs,
    errors: (line) => line.errors,
  };
  for (const service of services.values())
    service.lines.sort((a, b) => value[sort](b) - value[sort](a));
  return [...services.values()].toSorted((a, b) => b.execNs - a.execNs);
}
