import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { useKeys } from '../../ui/use-keys.ts';
import { queryExtensions, type Suggestions } from './query-extensions.ts';
import styles from './QueryEditor.module.css';

interface Props {
  /** The query in effect. */
  readonly value: string;
  readonly invalid: boolean;
  readonly suggestions: Suggestions;
  /** Runs on Enter. */
  readonly onSubmit: (text: string) => void;
  /** The text as it is being typed. */
  readonly onDraft: (text: string) => void;
}

/** One line of query with colours, completion and marks. */
export function QueryEditor({ value, invalid, suggestions, onSubmit, onDraft }: Props): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ suggestions, onSubmit, onDraft });
  useEffect(() => {
    latest.current = { suggestions, onSubmit, onDraft };
  });
  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        extensions: [
          queryExtensions({
            onSubmit: (text) => latest.current.onSubmit(text),
            suggestions: () => latest.current.suggestions,
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onDraft(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  // The URL is the truth: going back in history puts the earlier query into the field.
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: value.length },
    });
  }, [value]);
  useKeys({ q: () => view.current?.focus() });
  return (
    <div className={styles['editor']} data-invalid={invalid}>
      <span className="faint">
        <Icon name="search" size={14} />
      </span>
      <div ref={host} className={styles['host']} />
      {value === '' ? null : (
        <button
          type="button"
          className={styles['clear']}
          aria-label="Clear the query"
          onClick={() => onSubmit('')}
        >
          <Icon name="x" size={12} />
        </button>
      )}
    </div>
  );
}
