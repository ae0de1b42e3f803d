import { useEffect, useRef } from 'react';

/** Handlers by key as `KeyboardEvent.key` names it, `Shift+` in front where it matters. Return false to let it pass. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => boolean | void>>;

/** Whether keys typed now belong to a text field or an open menu or dialog. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target.closest('[role="menu"],[role="dialog"],[role="listbox"]') !== null
  )
    return true;
  if (target instanceof HTMLInputElement)
    return target.type !== 'checkbox' && target.type !== 'radio';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Single-key bindings for as long as the component is mounted. Inert while typing and with Ctrl, Alt or Meta held. */
export function useKeys(keys: KeyMap): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.altKey ||
        event.metaKey ||
        isTyping(event.target)
      )
        return;
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const handler =
        (event.shiftKey ? latest.current[`Shift+${name}`] : undefined) ??
        latest.current[event.key] ??
        latest.current[name];
      if (handler === undefined || handler(event) === false) return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
