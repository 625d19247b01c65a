// Runs before the first paint: the chosen theme, or the system's, and whether the navigation is folded.
(() => {
  const root = document.documentElement;
  const read = key => { try { return localStorage.getItem(key); } catch { return null; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };
  const system = matchMedia('(prefers-color-scheme: dark)');

  function apply() {
    const theme = read('crm.theme') ?? (system.matches ? 'dark' : 'light');
    root.dataset.theme = theme;
    for (const sheet of document.querySelectorAll('link[data-theme-sheet]')) {
      sheet.media = sheet.dataset.themeSheet === theme ? 'all' : 'not all';
    }
  }

  apply();
  system.addEventListener('change', apply);
  if (read('crm.nav') === 'folded') root.dataset.nav = 'folded';

  window.crmTheme = {
    toggle() { write('crm.theme', root.dataset.theme === 'dark' ? 'light' : 'dark'); apply(); },
    fold() {
      const folded = root.dataset.nav !== 'folded';
      if (folded) root.dataset.nav = 'folded'; else delete root.dataset.nav;
      write('crm.nav', folded ? 'folded' : 'open');
    },
  };
})();
