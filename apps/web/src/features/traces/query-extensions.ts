import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  startCompletion,
  acceptCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorState, type Extension, Prec, RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  placeholder,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { type Colour, completion, type SuppliedKey, tokens } from '@spanloom/query';
import { clauseRanges, queryProblem } from './compose-query.ts';

/** What the loaded spans can offer for completion. */
export interface Suggestions {
  readonly keys: readonly SuppliedKey[];
  /** Values of a key, with its sigil, most frequent first. */
  readonly valuesOf: (key: string) => readonly string[];
}

interface Options {
  readonly onSubmit: (text: string) => void;
  readonly suggestions: () => Suggestions;
}

/** Everything that makes a text field a query field. */
export function queryExtensions({ onSubmit, suggestions }: Options): Extension[] {
  return [
    history(),
    singleLine,
    highlighting,
    autocompletion({
      override: [(context) => complete(context, suggestions())],
      icons: false,
      maxRenderedOptions: 40,
      tooltipClass: () => 'query-completion',
    }),
    Prec.highest(
      keymap.of([
        { key: 'Tab', run: acceptCompletion },
        {
          key: 'Enter',
          run: (view) => {
            if (acceptCompletion(view)) return true;
            onSubmit(view.state.doc.toString());
            return true;
          },
        },
        { key: 'Mod-Enter', run: (view) => (onSubmit(view.state.doc.toString()), true) },
        { key: 'Ctrl-Space', run: startCompletion },
        { key: 'Escape', run: (view) => (view.contentDOM.blur(), true) },
      ]),
    ),
    keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    placeholder('service:checkout @duration:>50ms, or any words'),
    EditorView.contentAttributes.of({
      'aria-label': 'Query',
      'data-testid': 'query-input',
      autocapitalize: 'off',
      spellcheck: 'false',
    }),
    look,
  ];
}

/** A pasted line break is a space. */
const singleLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
  const text = transaction.newDoc.toString().replaceAll(/\s*\n\s*/g, ' ');
  return {
    changes: { from: 0, to: transaction.startState.doc.length, insert: text },
    selection: { anchor: Math.min(text.length, transaction.newSelection.main.head) },
  };
});

const CLASSES: Readonly<Record<Colour, string>> = {
  key: 'q-key',
  value: 'q-value',
  string: 'q-value',
  pattern: 'q-number',
  operator: 'q-op',
  keyword: 'q-op',
  bracket: 'q-op',
  text: 'q-text',
};

const clauseMark = Decoration.mark({ class: 'q-clause' });
const problemMark = Decoration.mark({ class: 'q-problem' });

function decorate(state: EditorState, focused: boolean): DecorationSet {
  const text = state.doc.toString();
  const marks: { from: number; to: number; mark: Decoration; order: number }[] = [];
  for (const { start, end } of clauseRanges(text))
    marks.push({ from: start, to: end, mark: clauseMark, order: 0 });
  const problem = queryProblem(text);
  const caret = state.selection.main.head;
  // Half a clause at the caret is not a mistake yet.
  if (problem !== undefined && !(focused && caret >= problem.start && caret <= problem.end + 1)) {
    const from = Math.min(problem.start, Math.max(0, text.length - 1));
    marks.push({
      from,
      to: Math.max(from + 1, Math.min(problem.end, text.length)),
      mark: problemMark,
      order: 1,
    });
  }
  for (const { start, end, colour } of tokens(text)) {
    if (end <= start) continue;
    const negates =
      colour === 'operator' && (text.slice(start, end) === '-' || text.slice(start, end) === '!');
    marks.push({
      from: start,
      to: end,
      mark: Decoration.mark({ class: negates ? 'q-not' : CLASSES[colour] }),
      order: 2,
    });
  }
  marks.sort((a, b) => a.from - b.from || a.order - b.order);
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to, mark } of marks)
    if (to <= text.length && from < to) builder.add(from, to, mark);
  return builder.finish();
}

const highlighting = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view.state, view.hasFocus);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.selectionSet || update.focusChanged) {
        this.decorations = decorate(update.state, update.view.hasFocus);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function complete(context: CompletionContext, suggestions: Suggestions): CompletionResult | null {
  const text = context.state.doc.toString();
  const found = completion(text, context.pos, suggestions.keys);
  const options: Completion[] = found.items.map((item) => ({
    label: item.insert,
    detail: item.description,
    type: item.kind,
    apply: (view, _completion, from, to) => {
      view.dispatch({
        changes: { from, to, insert: item.insert },
        selection: { anchor: from + item.insert.length },
      });
      // A key is followed by its values.
      if (item.kind === 'key') startCompletion(view);
    },
  }));
  if (found.valueFor !== undefined) {
    const typed = text.slice(found.start, context.pos).toLowerCase();
    const offered = new Set(options.map((option) => option.label));
    for (const value of suggestions.valuesOf(found.valueFor)) {
      const label = /^[\w./@+-]+$/.test(value) ? value : JSON.stringify(value);
      if (!value.toLowerCase().includes(typed) || offered.has(label)) continue;
      options.push({ label, type: 'value' });
    }
  } else if (!context.explicit && found.start === context.pos) {
    // Nothing typed yet: the list opens on request, not on every space.
    return null;
  }
  if (options.length === 0) return null;
  return { from: found.start, to: found.end, options, filter: false };
}

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono)',
    lineHeight: '22px',
    overflowX: 'auto',
    scrollbarWidth: 'none',
  },
  '.cm-content': { padding: '4px 0', caretColor: 'var(--accent-text)', color: 'var(--text)' },
  '.cm-line': { padding: '0' },
  '.cm-placeholder': { color: 'var(--text-faint)', fontFamily: 'var(--font-ui)' },
  '.q-clause': {
    background: 'var(--surface-hover)',
    borderRadius: '3px',
    padding: '3px 4px',
    margin: '0 1px',
  },
  '.q-key': { color: 'var(--code-key)' },
  '.q-value': { color: 'var(--code-string)' },
  '.q-number': { color: 'var(--code-number)' },
  '.q-op': { color: 'var(--code-op)' },
  '.q-not': { color: 'var(--error-text)' },
  '.q-problem': { textDecoration: 'underline wavy var(--error)', textUnderlineOffset: '4px' },
  '.cm-tooltip.query-completion': {
    background: 'var(--surface-raised)',
    border: '1px solid var(--border-strong)',
    borderRadius: 'var(--radius-lg)',
    boxShadow: 'var(--shadow-popover)',
    padding: '4px',
    marginTop: '6px',
    zIndex: 'var(--z-popover)',
  },
  '.query-completion.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font-mono)',
    maxHeight: '300px',
    minWidth: '320px',
  },
  '.query-completion.cm-tooltip-autocomplete > ul > li': {
    padding: '0 8px',
    height: '26px',
    display: 'flex',
    alignItems: 'center',
    gap: '16px',
    borderRadius: '5px',
    color: 'var(--text)',
  },
  '.query-completion.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--surface-selected)',
    color: 'var(--text)',
  },
  '.cm-completionDetail': {
    marginLeft: 'auto',
    color: 'var(--text-faint)',
    fontFamily: 'var(--font-ui)',
    fontStyle: 'normal',
  },
});
