import { Menu } from '@base-ui/react/menu';
import { formatDuration, type Grouping } from '@spanloom/flame';
import { type ReactNode, useMemo } from 'react';
import { Badge, Button, buttonClass, controlStyles, Dot, Kbd, Swatch } from '../../ui/controls.tsx';
import { CopyChip } from '../../ui/CopyButton.tsx';
import { formatCount, formatInstant, formatPlural, nanosTextToMillis } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { copyText } from '../../ui/Toast.tsx';
import { PendingPill } from './PendingPill.tsx';
import { groupProblems, missingParents } from './problem-groups.ts';
import type { Scene } from './scene.ts';
import { sourceName, sourcesOf } from './span-source.ts';
import styles from './trace.module.css';
import type { SidePanelName } from './url.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly panel: SidePanelName | undefined;
  readonly onPanel: (panel: SidePanelName) => void;
  readonly onSelect: (row: number) => void;
}

/** What the trace is, how long it took, and how far to trust it. */
export function TraceHeader({ scene, grouping, panel, onPanel, onSelect }: Props): ReactNode {
  const { trace, model, root } = scene;
  const { timeZone } = usePreferences();
  const sources = useMemo(() => sourcesText(scene), [scene]);
  const rootSpan = root === -1 ? undefined : scene.span(root);
  const shownSpans = trace.spans.length;
  const failed = scene.errorRows.length;
  const startMs = nanosTextToMillis(trace.start_ns);
  return (
    <header className={styles['header']}>
      <div className={styles['titleRow']}>
        {rootSpan === undefined || root === -1 ? null : (
          <>
            <Swatch name={rootSpan.service} slot={grouping.groups[grouping.of[root]!]!.slot} />
            <span className={styles['service']}>{rootSpan.service}</span>
          </>
        )}
        <h2 className="ell">
          {rootSpan === undefined ? 'Trace without spans' : rootSpan.resource || rootSpan.name}
        </h2>
        {trace.problems.some(({ kind }) => kind === 'missing_root') ? (
          <Badge look="warn">root not received</Badge>
        ) : null}
        <CopyChip text={trace.trace_id} what="Trace ID" />
        <span className="grow" />
        <PendingPill pending={trace.xray_pending} xraySpans={trace.sources.xray} />
        <Button onClick={() => void copyText(location.href, 'Link')}>
          <Icon name="link" size={14} />
          Share
          <Kbd>c</Kbd>
        </Button>
        <CopyMenu scene={scene} />
      </div>
      <dl className={styles['facts']}>
        {root === -1 ? null : (
          <div className={styles['big']}>
            <dt>root</dt>
            <dd>{formatDuration(model.end[root]! - model.start[root]!)}</dd>
          </div>
        )}
        <div className={styles['big']}>
          <dt>end to end</dt>
          <dd>{formatDuration(model.durationNs)}</dd>
        </div>
        <div>
          <dt>started</dt>
          <dd>
            <time
              dateTime={new Date(startMs).toISOString()}
              title={new Date(startMs).toISOString()}
            >
              {formatInstant(startMs, timeZone)}
            </time>
          </dd>
        </div>
        <div>
          <dt>spans</dt>
          <dd data-testid="trace-span-count">
            {formatCount(shownSpans)} in {formatPlural(trace.services.length, 'service')}
          </dd>
        </div>
        <div>
          <dt>errors</dt>
          <dd>
            {failed === 0 ? (
              'none'
            ) : (
              <button type="button" className="err" onClick={() => onSelect(scene.errorRows[0]!)}>
                {formatPlural(failed, 'span')}
              </button>
            )}
          </dd>
        </div>
        <div>
          <dt>sources</dt>
          <dd>{sources}</dd>
        </div>
        {trace.env === '' ? null : (
          <div className={styles['optional']}>
            <dt>env</dt>
            <dd>{trace.env}</dd>
          </div>
        )}
        <div>
          <dt>completeness</dt>
          <dd>
            <Completeness scene={scene} panel={panel} onPanel={onPanel} />
          </dd>
        </div>
      </dl>
    </header>
  );
}

function sourcesText(scene: Scene): string {
  const { sources } = scene.trace;
  const parts = (['datadog', 'otlp', 'xray', 'inferred', 'other'] as const).filter(
    (name) => sources[name] > 0,
  );
  const words = parts.map((name) => `${sourceName(name)} ${formatCount(sources[name])}`);
  const both = rowsOfBoth(scene);
  if (both > 0) words.push(`both ${formatCount(both)}`);
  return words.join(' · ') || 'none';
}

/** Rows that more than one source reported. */
function rowsOfBoth({ trace, spanById }: Scene): number {
  let both = 0;
  for (const span of trace.spans)
    if (span.folded.length > 0 && sourcesOf(span, spanById).length > 1) both++;
  return both;
}

/** The completeness pill, which opens everything that is wrong with the data. */
function Completeness({
  scene: { trace },
  panel,
  onPanel,
}: Pick<Props, 'scene' | 'panel' | 'onPanel'>): ReactNode {
  const groups = useMemo(() => groupProblems(trace), [trace]);
  const faults = groups.filter((group) => !group.notice);
  const missing = missingParents(trace);
  const incomplete = missing > 0 || trace.problems.some(({ kind }) => kind === 'missing_root');
  const text = incomplete
    ? `incomplete${missing === 0 ? '' : `, ${formatPlural(missing, 'parent')} missing`}`
    : faults.length > 0
      ? `complete, ${formatPlural(faults.length, 'warning')}`
      : 'all parents found';
  const state = faults.length === 0 ? 'ok' : 'warn';
  if (groups.length === 0) {
    return (
      <span className={styles['pill']} data-testid="completeness">
        <Dot state={state} />
        {text}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={`${styles['pill']} ${state === 'warn' ? 'warn' : ''}`}
      aria-expanded={panel === 'quality'}
      aria-controls={panel === 'quality' ? 'trace-side-panel' : undefined}
      onClick={() => onPanel('quality')}
      data-testid="completeness"
    >
      <Dot state={state} />
      {text}
      <Icon name="right" size={12} />
    </button>
  );
}

/** The trace's id in every form, and the trace itself. */
function CopyMenu({ scene }: { readonly scene: Scene }): ReactNode {
  const { trace } = scene;
  const items: readonly (readonly [label: string, text: () => string])[] = [
    ['Trace ID, hex', () => trace.trace_id],
    ...trace.ids.datadog.map((id) => ['Trace ID, decimal', () => id] as const),
    ...trace.ids.xray.map((id) => ['X-Ray trace ID', () => id] as const),
    ['JSON', () => JSON.stringify(trace, null, 2)],
    ['Markdown summary', () => markdown(scene)],
  ];
  return (
    <Menu.Root>
      <Menu.Trigger className={buttonClass()} data-testid="copy-menu">
        Copy as
        <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
          <Menu.Popup className={`${controlStyles['popup']} ${controlStyles['menu']}`}>
            {items.map(([label, text], i) => (
              <Menu.Item
                key={i}
                className={controlStyles['menuItem']}
                onClick={() => void copyText(text(), label)}
              >
                {label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function markdown(scene: Scene): string {
  const { trace, model, root } = scene;
  const rootSpan = root === -1 ? undefined : scene.span(root);
  const lines = [
    `**${rootSpan?.service ?? 'trace'} ${rootSpan?.resource ?? ''}** \`${trace.trace_id}\``,
    '',
    `- started ${new Date(nanosTextToMillis(trace.start_ns)).toISOString()}`,
    ...(root === -1 ? [] : [`- root ${formatDuration(model.end[root]! - model.start[root]!)}`]),
    `- end to end ${formatDuration(model.durationNs)}, ${trace.spans.length} spans in ${trace.services.join(', ')}`,
    ...scene.errorRows.slice(0, 5).map((row) => {
      const span = scene.span(row);
      return `- error in ${span?.service} ${span?.resource}: ${span?.meta['error.type'] ?? ''} ${span?.meta['error.message'] ?? ''}`.trimEnd();
    }),
    `- ${location.href}`,
  ];
  return lines.join('\n');
}
