import { Tabs } from '@base-ui/react/tabs';
import type { SpanJson } from '@spanloom/contract';
import { Flag, formatDuration, type Grouping, UNCOUNTED } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Button, Chip, ErrorGlyph, Swatch } from '../../ui/controls.tsx';
import { formatShare } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { AttributeTable } from './AttributeTable.tsx';
import styles from './detail.module.css';
import { ErrorTab } from './ErrorTab.tsx';
import { JsonTab } from './JsonTab.tsx';
import { LinksTab } from './LinksTab.tsx';
import { MissingParent } from './MissingParent.tsx';
import { httpStatus, type Scene } from './scene.ts';
import { SourceTab } from './SourceTab.tsx';
import { SpanBadges } from './SpanBadges.tsx';
import type { DetailTab } from './url.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly row: number;
  readonly tab: DetailTab | undefined;
  readonly onTab: (tab: DetailTab) => void;
  readonly onSelect: (row: number) => void;
  /** Shows duplicates and selects one of them. */
  readonly onReveal: (id: string) => void;
  readonly onFilter: (clause: string) => void;
  readonly onClose: () => void;
}

/** Everything about one span. */
export function SpanDetail(props: Props): ReactNode {
  const { scene, row } = props;
  const span = scene.span(row);
  if (span === undefined) return <MissingParent {...props} />;
  const failed = span.error === 1;
  const linked = span.links.length + span.events.length;
  const tab = props.tab ?? (failed ? 'errors' : 'overview');
  const slot = scene.model.count === 0 ? 0 : props.grouping.groups[props.grouping.of[row]!]!.slot;
  return (
    <section className={styles['panel']} aria-label={`Span ${span.name}`} data-testid="span-detail">
      <header className={styles['head']}>
        {failed ? <ErrorGlyph /> : null}
        <Chip className={styles['service'] ?? ''}>
          <Swatch name={span.service} slot={slot} />
          <span className="ell">{span.service || 'no service'}</span>
        </Chip>
        <h2 className={`${styles['title']} ell`} title={span.resource}>
          {span.resource || span.name}
        </h2>
        <span className="faint mono">{span.name}</span>
        <span className="grow" />
        <SpanBadges scene={scene} row={row} span={span} />
        <Button look="ghost" iconOnly onClick={props.onClose} aria-label="Close span details">
          <Icon name="x" size={14} />
        </Button>
      </header>
      <SpanFacts scene={scene} row={row} span={span} />
      {span.hidden ? (
        <p className={styles['hidden']} data-testid="hidden-reason">
          Hidden unless duplicates are shown: {span.hidden_reason ?? 'another span shows it'}.{' '}
          {span.hidden_by === null ? null : (
            <button
              type="button"
              className="link"
              onClick={() => props.onSelect(scene.rowOf(span.hidden_by!) ?? -1)}
            >
              Show the span that stands for it
            </button>
          )}
        </p>
      ) : null}
      <Tabs.Root
        value={tab}
        onValueChange={(value) => props.onTab(value as DetailTab)}
        render={<div style={{ display: 'contents' }} />}
      >
        <Tabs.List className={styles['tabs']}>
          <Tab value="overview">Overview</Tab>
          {failed || tab === 'errors' ? (
            <Tab value="errors">
              Errors<span>{failed ? 1 : 0}</span>
            </Tab>
          ) : null}
          <Tab value="links">
            Links and events<span>{linked}</span>
          </Tab>
          <Tab value="source">
            Source{span.folded.length === 0 ? null : <span>{span.folded.length + 1}</span>}
          </Tab>
          <Tab value="json">JSON</Tab>
        </Tabs.List>
        <Tabs.Panel value={tab} className={styles['body']} key={`${span.span_id} ${tab}`}>
          <TabBody {...props} tab={tab} span={span} />
        </Tabs.Panel>
      </Tabs.Root>
    </section>
  );
}

function SpanFacts({
  scene,
  row,
  span,
}: Pick<Props, 'scene' | 'row'> & { readonly span: SpanJson }): ReactNode {
  const { start, end, flags } = scene.model;
  const length = end[row]! - start[row]!;
  const status = httpStatus(span);
  return (
    <dl className={styles['facts']}>
      <Fact name="starts at">+{formatDuration(start[row]!)}</Fact>
      <Fact name="duration">
        {span.unfinished ? '≥ ' : ''}
        {formatDuration(length)}
      </Fact>
      {span.unfinished ? (
        <Fact name="status">
          <span className="warn">did not finish</span>
        </Fact>
      ) : null}
      <Fact name="of trace">{formatShare(length, scene.model.durationNs)}</Fact>
      {(flags[row]! & UNCOUNTED) !== 0 ? null : (
        <Fact name="self">{formatDuration(scene.self[row]!)}</Fact>
      )}
      {scene.critical.onPath[row]! > 0 ? (
        <Fact name="on critical path">{formatDuration(scene.critical.onPath[row]!)}</Fact>
      ) : null}
      <Fact name="kind">{span.kind}</Fact>
      {status === undefined ? null : (
        <Fact name="HTTP">
          <span className={(flags[row]! & Flag.clientError) !== 0 ? 'warn' : ''}>{status}</span>
        </Fact>
      )}
      {span.type === '' ? null : <Fact name="type">{span.type}</Fact>}
      {span.env === '' ? null : <Fact name="env">{span.env}</Fact>}
      {span.version === '' ? null : <Fact name="version">{span.version}</Fact>}
      <Fact name="span ID">
        <span className="mono">{span.span_id}</span>
      </Fact>
    </dl>
  );
}

function TabBody(props: Props & { readonly span: SpanJson; readonly tab: DetailTab }): ReactNode {
  const { scene, span, onSelect } = props;
  switch (props.tab) {
    case 'overview':
      return <AttributeTable span={span} onFilter={props.onFilter} />;
    case 'errors':
      return <ErrorTab scene={scene} row={props.row} span={span} onSelect={onSelect} />;
    case 'links':
      return <LinksTab scene={scene} span={span} onSelect={onSelect} />;
    case 'source':
      return <SourceTab scene={scene} span={span} onSelect={onSelect} onReveal={props.onReveal} />;
    case 'json':
      return <JsonTab traceId={scene.trace.trace_id} span={span} />;
  }
}

function Tab({
  value,
  children,
}: {
  readonly value: DetailTab;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Tabs.Tab value={value} className={styles['tab']}>
      {children}
    </Tabs.Tab>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
