import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { SignInGate } from './features/sign-in/SignInGate.tsx';
import { router } from './router.tsx';
import { applyPreferences } from './ui/preferences.ts';
import './ui/tokens.css'; // oxlint-disable-line import/no-unassigned-import -- a style sheet has no value
import './ui/base.css'; // oxlint-disable-line import/no-unassigned-import -- a style sheet has no value

applyPreferences();

const queryClient = new QueryClient({
  defaultOptions: { queries: { refetchOnWindowFocus: false } },
});

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider>
        <SignInGate>
          <RouterProvider router={router} />
        </SignInGate>
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
