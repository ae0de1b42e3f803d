import { tryParseTraceId } from '@spanloom/base';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { carriedParams, useUrl } from '../data/url.ts';
import { Kbd } from '../ui/controls.tsx';
import { Icon } from '../ui/Icon.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { findTraceId } from './find-trace-id.ts';
import styles from './shell.module.css';

/** A trace id in any of its forms opens the trace; a log line is scanned for one; anything else becomes a search. */
export function Omnibox(): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [params] = useUrl();
  const navigate = useNavigate();
  useKeys({ '/': () => input.current?.focus() });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '') return;
    setText('');
    input.current?.blur();
    const traceId = findTraceId(wanted);
    if (traceId === undefined) {
      void navigate({ to: '/traces', search: { ...carriedParams(params), q: wanted } });
    } else {
      // A trace is looked up by its id alone, whatever environment was being looked at.
      void navigate({ to: '/trace/$traceId', params: { traceId }, search: {} });
    }
  };
  const resolves = text.trim() !== '' && tryParseTraceId(text) !== undefined;
  return (
    <form className={styles['omnibox']} role="search" onSubmit={submit}>
      <Icon name="search" size={14} />
      <input
        ref={input}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        placeholder="Search, or paste any trace ID"
        aria-label="Search, or paste any trace ID"
        data-testid="omnibox"
        spellCheck={false}
        autoComplete="off"
      />
      <Kbd>{resolves ? '↵ open trace' : '/'}</Kbd>
    </form>
  );
}
