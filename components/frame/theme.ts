// The theme: dark, light, or the system’s; stored in the browser and set before the first paint.

const STORED_AS = 'cgdeck-theme';

export type Theme = 'system' | 'dark' | 'light';

/** Runs in the document’s head, so that no page is first shown in the wrong theme. The web process hashes it for the CSP. */
export const themeScript = `try{var t=localStorage.getItem('${STORED_AS}');if(t==='dark'||t==='light')document.documentElement.dataset.theme=t}catch(e){}`;

export function readTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'dark' || theme === 'light' ? theme : 'system';
}

/** Calls back when the page’s theme changes, by a person or by the system. */
export function watchTheme(changed: () => void): () => void {
  const byHand = new MutationObserver(changed);
  byHand.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const bySystem = matchMedia('(prefers-color-scheme: dark)');
  bySystem.addEventListener('change', changed);
  return () => {
    byHand.disconnect();
    bySystem.removeEventListener('change', changed);
  };
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(STORED_AS);
    else localStorage.setItem(STORED_AS, theme);
  } catch {
    // Without storage the theme lasts until the page is closed.
  }
}
