import { Menu } from '@base-ui/react/menu';
import { Popover } from '@base-ui/react/popover';
import { formatDuration, type Grouping } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Button, buttonClass, controlStyles, Dot, Kbd, Swatch } from '../../ui/controls.tsx';
import { CopyChip } from '../../ui/CopyButton.tsx';
import { formatCount, formatInstant, formatPlural, nanosTextToMillis } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { copyText } from '../../ui/Toast.tsx';
import { type Scene, sourceName } from './scene.ts';
import styles from './trace.module.css';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly onSelect: (row: number) => void;
}

/** What the trace is, how long it took, and how far to trust it. */
export function TraceHeader({ scene, grouping, onSelect }: Props): ReactNode {
  const { trace, model, root } = scene;
  const { timeZone } = usePreferences();
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
        <CopyChip text={trace.trace_id} what="Trace ID" />
        <span className="grow" />
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
          <dd>{sourcesText(scene)}</dd>
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
            <DataQuality scene={scene} onSelect={onSelect} />
          </dd>
        </div>
      </dl>
    </header>
  );
}

function sourcesText({ trace: { sources } }: Scene): string {
  const parts = (['datadog', 'otlp', 'xray', 'inferred', 'other'] as const).filter(
    (name) => sources[name] > 0,
  );
  return (
    parts.map((name) => `${sourceName(name)} ${formatCount(sources[name])}`).join(' · ') || 'none'
  );
}

/** The completeness pill, and behind it everything that is wrong with the data. */
function DataQuality({ scene, onSelect }: Omit<Props, 'grouping'>): ReactNode {
  const { trace, model } = scene;
  const { problems } = trace;
  const orphaned = problems.some(
    ({ kind }) => kind === 'missing_parent' || kind === 'missing_root',
  );
  const text =
    problems.length === 0
      ? 'all parents found'
      : orphaned
        ? 'incomplete'
        : `complete, ${formatPlural(problems.length, 'warning')}`;
  if (problems.length === 0) {
    return (
      <span className={styles['pill']} data-testid="completeness">
        <Dot state="ok" />
        {text}
      </span>
    );
  }
  return (
    <Popover.Root>
      <Popover.Trigger className={`${styles['pill']} warn`} data-testid="completeness">
        <Dot state="warn" />
        {text}
        <Icon name="down" size={12} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className={controlStyles['positioner']}>
          <Popover.Popup className={`${controlStyles['popup']} ${styles['problems']}`}>
            <Popover.Title render={<h3 />}>Data quality</Popover.Title>
            <ul data-testid="problems">
              {problems.map((problem, i) => {
                const row =
                  model.rowById.get(problem.span_id) ?? placeholderRow(scene, problem.span_id);
                return (
                  <li key={i}>
                    <span className="medium">{problem.kind.replaceAll('_', ' ')}</span>
                    {problem.count > 1 ? (
                      <span className="faint"> × {formatCount(problem.count)}</span>
                    ) : null}
                    <div className="soft">{problem.message}</div>
                    {row === undefined ? null : (
                      <button type="button" className="link" onClick={() => onSelect(row)}>
                        Show it
                      </button>
                    )}
                  </li>
                );
              })}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function placeholderRow({ model }: Scene, spanId: string): number | undefined {
  for (const [row, id] of model.missingIds) if (id === spanId) return row;
  return undefined;
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
