import type { ReactNode } from 'react';
import type { UrlChange } from '../../data/url.ts';
import type { AnalyticsContext } from './analytics-context.ts';
import { Builder } from './Builder.tsx';
import { HeatmapView } from './HeatmapView.tsx';
import { ScatterView } from './ScatterView.tsx';
import { TableView } from './TableView.tsx';
import { TimeseriesView } from './TimeseriesView.tsx';
import { TopListView } from './TopListView.tsx';

interface Props {
  readonly context: AnalyticsContext;
  readonly keys: readonly string[];
  readonly measures: readonly string[];
  readonly onChange: (change: UrlChange) => void;
}

/** The matching spans as figures instead of rows. */
export function AnalyticsView({ context, keys, measures, onChange }: Props): ReactNode {
  return (
    <>
      <Builder
        model={context.model}
        range={context.range}
        keys={keys}
        measures={measures}
        onChange={onChange}
      />
      <Figures context={context} onChange={onChange} />
    </>
  );
}

function Figures({ context, onChange }: Pick<Props, 'context' | 'onChange'>): ReactNode {
  switch (context.model.view) {
    case 'list':
      return null;
    case 'timeseries':
      return <TimeseriesView context={context} />;
    case 'top':
      return <TopListView context={context} />;
    case 'table':
      return (
        <TableView
          context={context}
          onSort={(index, descending) => onChange({ sort: `${descending ? '-' : ''}c${index}` })}
        />
      );
    case 'heatmap':
      return <HeatmapView context={context} />;
    case 'scatter':
      return <ScatterView context={context} />;
  }
}
