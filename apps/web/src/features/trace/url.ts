import type { UrlParams } from '../../data/url.ts';

export type TraceViewName = 'flame' | 'waterfall' | 'list';
export type ColourBy =
  | 'service'
  | 'resource'
  | 'operation'
  | 'type'
  | 'kind'
  | 'source'
  | 'status'
  | 'host';
export type DetailTab = 'overview' | 'errors' | 'links' | 'source' | 'json';
/** What stands beside the span details. */
export type SidePanelName = 'merge' | 'quality';

export const traceViews: readonly { readonly value: TraceViewName; readonly text: string }[] = [
  { value: 'flame', text: 'Flame' },
  { value: 'waterfall', text: 'Waterfall' },
  { value: 'list', text: 'List' },
];

export const colourings: readonly { readonly value: ColourBy; readonly text: string }[] = [
  'service',
  'resource',
  'operation',
  'type',
  'kind',
  'source',
  'status',
  'host',
].map((value) => ({ value: value as ColourBy, text: value }));

const panels = ['merge', 'quality', 'off'] as const;
const tabs: readonly DetailTab[] = ['overview', 'errors', 'links', 'source', 'json'];

/** What of a trace is shown. Each field falls back on its own. */
export interface TraceUrl {
  readonly view: TraceViewName;
  readonly colourBy: ColourBy;
  readonly spanId: string | undefined;
  /** Undefined: what suits the span. */
  readonly tab: DetailTab | undefined;
  /** Search within the trace. */
  readonly find: string;
  readonly criticalPath: boolean;
  readonly errorsOnly: boolean;
  /** Leave out spans that others show already. */
  readonly hideDuplicates: boolean;
  /** Draw spans where their clocks seem to have meant them. */
  readonly alignClocks: boolean;
  /** Undefined: what suits the trace. */
  readonly panel: SidePanelName | 'off' | undefined;
  /** ns from the start of the trace. */
  readonly zoom: { readonly startNs: number; readonly endNs: number } | undefined;
}

export function readTraceUrl(params: UrlParams): TraceUrl {
  return {
    view: traceViews.find(({ value }) => value === params.tv)?.value ?? 'flame',
    colourBy: colourings.find(({ value }) => value === params.colorBy)?.value ?? 'service',
    spanId: params.span,
    tab: tabs.find((tab) => tab === params.tab),
    find: params.tq ?? '',
    criticalPath: params.cp !== 'off',
    errorsOnly: params.eo === 'on',
    hideDuplicates: params.dup !== 'show',
    alignClocks: params.clk === 'align',
    panel: panels.find((panel) => panel === params.panel),
    zoom: readZoom(params.zoom),
  };
}

function readZoom(text: string | undefined): TraceUrl['zoom'] {
  const match = /^(\d+)~(\d+)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [startNs, endNs] = [Number(match[1]), Number(match[2])];
  return startNs < endNs ? { startNs, endNs } : undefined;
}
