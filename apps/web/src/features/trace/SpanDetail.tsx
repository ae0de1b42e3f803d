import { Tabs } from '@base-ui/react/tabs';
import type { SpanJson } from '@spanloom/contract';
import { Flag, formatDuration, type Grouping } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Badge, Button, Chip, ErrorGlyph, Swatch } from '../../ui/controls.tsx';
import { formatShare } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { AttributeTable } from './AttributeTable.tsx';
import styles from './detail.module.css';
import { ErrorTab } from './ErrorTab.tsx';
import { JsonTab } from './JsonTab.tsx';
import { LinksTab } from './LinksTab.tsx';
import { httpStatus, type Scene, sourceName } from './scene.ts';
import type { DetailTab } from './url.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly row: number;
  readonly tab: DetailTab | undefined;
  readonly onTab: (tab: DetailTab) => void;
  readonly onSelect: (row: number) => void;
  readonly onFilter: (clause: string) => void;
  readonly onClose: () => void;
}

/** Everything about one span. */
export function SpanDetail(props: Props): ReactNode {
  const { scene, row } = props;
  const span = scene.span(row);
  if (span === undefined) return <MissingParent {...props} />;
  const { start, end, flags } = scene.model;
  const length = end[row]! - start[row]!;
  const failed = span.error === 1;
  const linked = span.links.length + span.events.length;
  const tab = props.tab ?? (failed ? 'errors' : 'overview');
  const slot = scene.model.count === 0 ? 0 : props.grouping.groups[props.grouping.of[row]!]!.slot;
  const status = httpStatus(span);
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
        <Badge look="line">
          {(flags[row]! & Flag.merged) === 0 ? sourceName(span.source) : 'APM + X-Ray'}
        </Badge>
        <Button look="ghost" iconOnly onClick={props.onClose} aria-label="Close span details">
          <Icon name="x" size={14} />
        </Button>
      </header>
      <dl className={styles['facts']}>
        <Fact name="starts at">+{formatDuration(start[row]!)}</Fact>
        <Fact name="duration">{formatDuration(length)}</Fact>
        <Fact name="of trace">{formatShare(length, scene.model.durationNs)}</Fact>
        <Fact name="self">{formatDuration(scene.self[row]!)}</Fact>
        {scene.critical.onPath[row]! > 0 ? (
          <Fact name="on critical path">{formatDuration(scene.critical.onPath[row]!)}</Fact>
        ) : null}
        <Fact name="kind">{span.kind}</Fact>
        {status === undefined ? null : <Fact name="HTTP">{status}</Fact>}
        {span.type === '' ? null : <Fact name="type">{span.type}</Fact>}
        {span.env === '' ? null : <Fact name="env">{span.env}</Fact>}
        {span.version === '' ? null : <Fact name="version">{span.version}</Fact>}
        <Fact name="span ID">
          <span className="mono">{span.span_id}</span>
        </Fact>
      </dl>
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
          <Tab value="json">JSON</Tab>
        </Tabs.List>
        <Tabs.Panel value={tab} className={styles['body']} key={`${row} ${tab}`}>
          <TabBody {...props} tab={tab} span={span} />
        </Tabs.Panel>
      </Tabs.Root>
    </section>
  );
}

function TabBody(props: Props & { readonly span: SpanJson; readonly tab: DetailTab }): ReactNode {
  switch (props.tab) {
    case 'overview':
      return <AttributeTable span={props.span} onFilter={props.onFilter} />;
    case 'errors':
      return (
        <ErrorTab scene={props.scene} row={props.row} span={props.span} onSelect={props.onSelect} />
      );
    case 'links':
      return <LinksTab scene={props.scene} span={props.span} />;
    case 'json':
      return <JsonTab traceId={props.scene.trace.trace_id} span={props.span} />;
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

/** What stands for a parent that never came. */
function MissingParent({ scene, row, onClose }: Props): ReactNode {
  const orphans: number[] = [];
  for (let child = row + 1; child < row + scene.model.size[row]!; child += scene.model.size[child]!)
    orphans.push(child);
  return (
    <section className={styles['panel']} aria-label="Missing parent" data-testid="span-detail">
      <header className={styles['head']}>
        <span className="warn">
          <Icon name="warning" size={14} />
        </span>
        <h2 className={styles['title']}>Unknown parent</h2>
        <span className="faint mono">{scene.model.missingIds.get(row)}</span>
        <span className="grow" />
        <Button look="ghost" iconOnly onClick={onClose} aria-label="Close span details">
          <Icon name="x" size={14} />
        </Button>
      </header>
      <div className={styles['body']}>
        <p className="soft">
          {orphans.length === 1 ? 'A span names' : `${orphans.length} spans name`} this one as the
          parent, but it was never received. It is drawn over the time its children cover.
        </p>
        <p className="soft">
          Probable causes: the caller is not instrumented or sends its spans elsewhere, its sampler
          dropped them, or it is a managed gateway whose own span is not exported. A trace younger
          than half a minute may still be arriving.
        </p>
      </div>
    </section>
  );
}
