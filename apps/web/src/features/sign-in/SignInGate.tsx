import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { signIn } from '../../data/api.ts';
import { useSignInNeeded } from '../../data/session.ts';
import { buttonClass } from '../../ui/controls.tsx';
import { Logo } from '../../ui/Logo.tsx';
import styles from './sign-in.module.css';

/** Shows the pages, or asks for the admin token where the server wants it. What was open is there again afterwards. */
export function SignInGate(props: { readonly children: ReactNode }): ReactNode {
  return useSignInNeeded() ? <SignInPage /> : props.children;
}

function SignInPage(): ReactNode {
  const [token, setToken] = useState('');
  const client = useQueryClient();
  const attempt = useMutation({
    mutationFn: signIn,
    // Everything that was refused is asked again.
    onSuccess: () => client.resetQueries(),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') attempt.mutate(token);
  };
  return (
    <main className={styles['page']} data-testid="sign-in-page">
      <form className={styles['form']} onSubmit={submit}>
        <h1 className={styles['title']}>
          <Logo /> Spanloom
        </h1>
        <label className={styles['field']}>
          <span>Admin token</span>
          <input
            type="password"
            autoComplete="current-password"
            autoFocus
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        {attempt.isError ? (
          <p className={styles['problem']} role="alert">
            {attempt.error.message}
          </p>
        ) : null}
        <button type="submit" className={buttonClass('primary')} disabled={attempt.isPending}>
          Sign in
        </button>
        <p className={styles['hint']}>
          The value of SPANLOOM_ADMIN_TOKEN that this server was started with. It is kept in a
          cookie of this browser for 30 days.
        </p>
      </form>
    </main>
  );
}
