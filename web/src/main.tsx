import './kit/zod-without-eval.ts';
import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import './kit/tokens.css';
import './kit/base.css';
import './kit/pages.css';
import './shell/shell.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
